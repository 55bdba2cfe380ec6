package wire

import "strconv"

// Operations are the handlers of a service, by the names of its operations.
type Operations map[string]Handler

// NotModelled returns a handler that answers an operation which exists, but
// which ecssim leaves out.
func NotModelled(code, what string) Handler {
	return func(Object) (Object, error) {
		return nil, Errorf(code, "ecssim does not model %s", what)
	}
}

// Page returns one page of a list and the token of the next page, "" on the
// last. The page begins at the request's token and has as many items as its
// limit says: most by default and at the utmost.
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
