package fleet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Field is one named value of a reason, as a text.
type Field struct {
	Key, Value string
}

// Fields are the named values of a reason, in the order in which an operator reads
// them. In JSON they are an object. No key occurs twice.
type Fields []Field

// Get returns the value of a key; empty if there is none.
func (f Fields) Get(key string) string {
	for _, field := range f {
		if field.Key == key {
			return field.Value
		}
	}
	return ""
}

// MarshalJSON writes the fields as an object in their order.
func (f Fields) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, field := range f {
		if i > 0 {
			out = append(out, ',')
		}
		for j, text := range [2]string{field.Key, field.Value} {
			if j == 1 {
				out = append(out, ':')
			}
			quoted, err := json.Marshal(text)
			if err != nil {
				return nil, err
			}
			out = append(out, quoted...)
		}
	}
	return append(out, '}'), nil
}

// UnmarshalJSON reads an object of texts. It refuses other values.
func (f *Fields) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*f = nil
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("the fields of a reason are %s, expected an object", data)
	}
	var read Fields
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value string
		if err := d.Decode(&value); err != nil {
			return fmt.Errorf("the field %v of a reason: %w", key, err)
		}
		read = append(read, Field{Key: key.(string), Value: value})
	}
	*f = read
	return nil
}

// DurationText returns a duration without its units of zero: "24h", not
// "24h0m0s".
func DurationText(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
