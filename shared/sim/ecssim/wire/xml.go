package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"maps"
	"strconv"
	"time"
)

// encodeXML returns <OperationResponse><OperationResult>tree…, the form of Query.
func encodeXML(namespace, operation, requestID string, tree Object) ([]byte, error) {
	s := &xmlSink{}
	s.out.WriteString("<" + operation + `Response xmlns="` + namespace + `">`)
	s.out.WriteString("<" + operation + "Result>")
	if err := write(s, tree); err != nil {
		return nil, err
	}
	s.out.WriteString("</" + operation + "Result>")
	s.out.WriteString("<ResponseMetadata><RequestId>" + requestID + "</RequestId></ResponseMetadata>")
	s.out.WriteString("</" + operation + "Response>")
	return s.out.Bytes(), nil
}

func encodeXMLError(namespace, code, requestID string, e *Error) ([]byte, error) {
	s := &xmlSink{}
	s.out.WriteString(`<ErrorResponse xmlns="` + namespace + `"><Error>`)
	fields := Object{"Type": senderOrReceiver(e.status()), "Code": code, "Message": e.Message}
	maps.Copy(fields, e.Fields)
	if err := write(s, fields); err != nil {
		return nil, err
	}
	s.out.WriteString("</Error><RequestId>" + requestID + "</RequestId></ErrorResponse>")
	return s.out.Bytes(), nil
}

func senderOrReceiver(status int) string {
	if status >= 500 {
		return "Receiver"
	}
	return "Sender"
}

type xmlSink struct{ out bytes.Buffer }

func (s *xmlSink) null()           {}                                        // an empty element
func (s *xmlSink) text(v string)   { _ = xml.EscapeText(&s.out, []byte(v)) } // a buffer takes all
func (s *xmlSink) boolean(v bool)  { s.out.WriteString(strconv.FormatBool(v)) }
func (s *xmlSink) integer(v int64) { s.out.WriteString(strconv.FormatInt(v, 10)) }
func (s *xmlSink) float(v float64) { s.out.Write(appendFloat(nil, v, "")) }
func (s *xmlSink) blob(v []byte)   { s.out.WriteString(base64.StdEncoding.EncodeToString(v)) }
func (s *xmlSink) open(kind, int)  {}
func (s *xmlSink) close(kind)      {}
func (s *xmlSink) moment(t time.Time) {
	s.out.WriteString(t.Round(time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z"))
}

func (s *xmlSink) begin(k kind, name string, _ int) {
	switch k {
	case kindStructure:
		s.out.WriteString("<" + name + ">")
	case kindList:
		s.out.WriteString("<member>")
	case kindDictionary:
		s.out.WriteString("<entry><key>")
		s.text(name)
		s.out.WriteString("</key><value>")
	}
}

func (s *xmlSink) end(k kind, name string) {
	switch k {
	case kindStructure:
		s.out.WriteString("</" + name + ">")
	case kindList:
		s.out.WriteString("</member>")
	case kindDictionary:
		s.out.WriteString("</value></entry>")
	}
}
