package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"homeostat/shared/core/cause"
	"homeostat/shared/core/decode"
)

type decodeVerb struct {
	output
	Files []string `arg:"" name:"file" help:"Read these event files; - reads standard input."`
}

// maxEventFile bounds the size of an event file in bytes. It is far above each
// envelope of AWS and keeps a wrong file from filling the memory.
const maxEventFile = 64 << 20

// Run prints a line for each event. An unreadable file gets an error line and
// the exit code 1; the other files are still printed.
func (v *decodeVerb) Run(s *session) error {
	broken := false
	for _, file := range v.Files {
		if s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		raw, err := readEvent(s.in, file)
		if err != nil {
			broken = true
			if err := v.print(s.out, decodeError{File: file, Error: err.Error()}); err != nil {
				return err
			}
			continue
		}
		for _, outcome := range decode.Events(raw) {
			line := any(nil)
			if outcome.Err != nil {
				broken = true
				line = decodeError{File: file, Error: outcome.Err.Error(), Record: outcome.Trigger.Record}
			} else {
				line = newDecodeLine(file, outcome.Trigger, cause.Of(outcome.Trigger))
			}
			if err := v.print(s.out, line); err != nil {
				return err
			}
		}
	}
	if broken {
		return errFound
	}
	return nil
}

// readEvent returns the content of an event file or of standard input.
func readEvent(in io.Reader, file string) ([]byte, error) {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, plainPathError(err)
		}
		defer func() { _ = f.Close() }() // read only: nothing can be lost
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, fmt.Errorf("it is a folder, expected an event file")
		}
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxEventFile+1))
	if err != nil {
		return nil, plainPathError(err)
	}
	if len(raw) > maxEventFile {
		return nil, fmt.Errorf("the file is longer than %d bytes, expected an event", maxEventFile)
	}
	return raw, nil
}

// plainPathError returns the error without the file name, because the line
// already names the file.
func plainPathError(err error) error {
	if os.IsNotExist(err) {
		return fmt.Errorf("no such file")
	}
	if os.IsPermission(err) {
		return fmt.Errorf("no permission to read it")
	}
	return err
}

func (v *decodeVerb) print(out io.Writer, line any) error {
	if v.Output == "json" {
		return writeJSON(out, line)
	}
	switch l := line.(type) {
	case decodeError:
		_, err := fmt.Fprintf(out, "%s: error: %s\n", l.File, l.Error)
		return err
	case decodeLine:
		_, err := fmt.Fprintln(out, l.text())
		return err
	}
	return nil
}

// writeJSON writes v on one line and does not escape <, > and &.
func writeJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// text formats the line for the text output.
func (l decodeLine) text() string {
	parts := []string{l.File + ":"}
	if l.Record != nil {
		parts = append(parts, fmt.Sprintf("record %d:", *l.Record))
	}
	parts = append(parts, string(l.Trigger))
	if l.Service != "" {
		parts = append(parts, l.Cluster+"/"+l.Service)
	}
	if l.TaskDefinition != "" {
		parts = append(parts, l.TaskDefinition)
	}
	if l.Cause != "" {
		parts = append(parts, fmt.Sprintf("%s (%s)", l.Cause, l.Family))
	}
	if l.Image != nil {
		parts = append(parts, imageText(*l.Image))
	}
	if l.Alarm != nil {
		parts = append(parts, fmt.Sprintf("alarm %s %s→%s", l.Alarm.Name, l.Alarm.Previous, l.Alarm.State))
	}
	text := strings.Join(parts, " ")
	if l.Reason != "" {
		text += " — " + l.Reason
	}
	return text
}

func imageText(i decodeImage) string {
	text := i.Repository
	if i.Tag != "" {
		text += ":" + i.Tag
	}
	if i.Digest != "" {
		text += "@" + i.Digest[:min(19, len(i.Digest))]
	}
	return text
}
