package cause

// The classes of HTTP statuses from 400 on, by what a registry means with them.
const (
	statusMissing   = "missing"   // 404 and 410
	statusThrottled = "throttled" // 429
	statusRefused   = "refused"   // any other status of the client
	statusFailing   = "failing"   // a status of the server, a time-out, or a failed upstream (424)
)

// statusOf returns the class of the first HTTP status in a text, such as "504 Gateway
// Time-out"; empty without one. A number after a colon is a port or a tag.
// Source: RFC 9110; 424 is the answer of ECR's pull-through cache for its upstream.
func statusOf(text string) string {
	for i := 0; i+3 <= len(text); i++ {
		if text[i] != '4' && text[i] != '5' || !isDigit(text[i+1]) || !isDigit(text[i+2]) {
			continue
		}
		if i == 0 || text[i-1] != ' ' && text[i-1] != '(' || !endsStatus(text[i+3:]) {
			continue
		}
		switch code := text[i : i+3]; code {
		case "404", "410":
			return statusMissing
		case "429":
			return statusThrottled
		case "408", "424", "425":
			return statusFailing
		default:
			if code[0] == '4' {
				return statusRefused
			}
			return statusFailing
		}
	}
	return ""
}

// endsStatus reports whether a text can follow a status: its end, punctuation, or its
// phrase. "429 time(s)" is no status.
func endsStatus(rest string) bool {
	if rest == "" || rest[0] == ')' || rest[0] == ',' || rest[0] == ':' || rest[0] == '\n' {
		return true
	}
	return len(rest) > 1 && rest[0] == ' ' && isLetterOrDigit(rest[1]) && !isDigit(rest[1]) && !contains(rest[:min(len(rest), 6)], " time(| bytes| tries")
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
