package wire

import (
	"maps"
	"net/http"
	"strconv"
)

// answer writes the tree of a handler's result.
func (x *exchange) answer(out Object) {
	space, _ := x.server.spaces.Get().(*[]byte)
	if space == nil {
		space = new([]byte)
	}
	defer x.server.spaces.Put(space)
	body, err := x.encode((*space)[:0], out)
	if err != nil {
		x.fail(asError(err))
		return
	}
	x.send(http.StatusOK, body)
	if x.protocol != protocolCBOR && x.protocol != protocolQuery {
		*space = body
	}
}

// encode writes JSON into the given space. The other protocols are rare here.
func (x *exchange) encode(space []byte, out Object) ([]byte, error) {
	switch x.protocol {
	case protocolCBOR:
		return encodeCBOR(out)
	case protocolQuery:
		return encodeXML(x.namespace, x.operation, x.id, out)
	default:
		return encodeJSON(space, out)
	}
}

// fail writes a modelled error.
func (x *exchange) fail(e *Error) {
	code := queryCode(x.service, e.Code)
	header := x.w.Header()
	if x.service == serviceMonitoring || x.service == serviceSQS {
		header.Set("X-Amzn-Query-Error", code+";"+senderOrReceiver(e.status()))
	}
	var body []byte
	var err error
	switch x.protocol {
	case protocolCBOR:
		body, err = encodeCBOR(x.errorTree(e))
	case protocolQuery:
		body, err = encodeXMLError(x.namespace, code, x.id, e)
	default:
		header.Set("X-Amzn-Errortype", e.Code)
		body, err = encodeJSON(nil, x.errorTree(e))
	}
	if err != nil && e.Fields != nil { // unwritable fields must not hide the error
		x.fail(&Error{Code: e.Code, Message: e.Message, Status: e.Status})
		return
	}
	x.send(e.status(), body)
}

func (x *exchange) errorTree(e *Error) Object {
	tree := make(Object, len(e.Fields)+2)
	maps.Copy(tree, e.Fields)
	tree["__type"] = e.Code
	if x.service == serviceAAS {
		tree["Message"] = e.Message // the member of this service alone
	} else {
		tree["message"] = e.Message
	}
	return tree
}

func (x *exchange) send(status int, body []byte) {
	header := x.w.Header()
	header["X-Amzn-Requestid"] = []string{x.id}
	header["Content-Type"] = x.contentType()
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	if x.protocol == protocolCBOR {
		header["Smithy-Protocol"] = []string{"rpc-v2-cbor"}
	}
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body) // the client may be gone
}

func (x *exchange) contentType() []string {
	switch x.protocol {
	case protocolCBOR:
		return []string{"application/cbor"}
	case protocolQuery:
		return []string{"text/xml"}
	case protocolJSON10:
		return []string{"application/x-amz-json-1.0"}
	default:
		return []string{"application/x-amz-json-1.1"}
	}
}
