package wire

import "strconv"

// Operations are the handlers of a service, by the names of its operations.
type Operations map[string]Handler

// NotModelled returns a handler for an operation of AWS that ecssim leaves out.
// Its answer is an error.
func NotModelled(code, what string) Handler {
	return func(Object) (Object, error) {
		return nil, Errorf(code, "ecssim does not model %s", what)
	}
}

// Page returns one page of a list and the token of the next page, or "" on the
// last page. The page begins at the request's token. Its size is the request's
// limit, at most and by default most items.
func Page[T any](items []T, in Object, limit, token string, most int) (part []T, next string, err error) {
	from := 0
	if text := in.String(token); text != "" {
		from, err = strconv.Atoi(text)
		if err != nil || from < 0 {
			return nil, "", Errorf("InvalidParameterException", "Invalid token: %s", text)
		}
	}
	if n, ok := in.Int(limit); ok && n > 0 && n < most {
		most = n
	}
	from = min(from, len(items))
	to := min(from+most, len(items))
	if to < len(items) {
		next = strconv.Itoa(to)
	}
	return items[from:to], next, nil
}

// SetToken adds the token of the next page to an answer, if there is one.
func SetToken(out Object, key, next string) Object {
	if next != "" {
		out[key] = next
	}
	return out
}
