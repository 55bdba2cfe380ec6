package wire

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
)

// The services, by the names in their signatures.
const (
	serviceMonitoring = "monitoring"
	serviceSQS        = "sqs"
	serviceAAS        = "application-autoscaling"
)

// protocol is the protocol of a request.
type protocol int

const (
	protocolJSON10 protocol = iota
	protocolJSON11
	protocolCBOR
	protocolQuery
)

// exchange is one request and its answer.
type exchange struct {
	server             *Server
	w                  http.ResponseWriter
	r                  *http.Request
	id                 string
	protocol           protocol
	service, operation string
	namespace          string
}

func (x *exchange) serve() {
	target, hasTarget := x.target()
	if hasTarget {
		if mounted := x.server.mounts[target]; mounted != nil {
			x.forward(mounted)
			return
		}
	}
	in, err := x.read(hasTarget)
	if err == nil {
		err = x.server.consult(x.service, x.operation)
	}
	var out Object
	if err == nil {
		out, err = x.server.call(x, x.base(), in)
	}
	if err != nil {
		x.fail(asError(err))
		return
	}
	x.answer(out)
}

// base returns the URL of the server for the client.
func (x *exchange) base() string {
	if x.r.TLS != nil || x.r.URL.Scheme == "https" {
		return "https://" + x.r.Host
	}
	return "http://" + x.r.Host
}

// target splits X-Amz-Target, if the request has one.
func (x *exchange) target() (prefix string, ok bool) {
	prefix, operation, ok := strings.Cut(x.r.Header.Get("X-Amz-Target"), ".")
	if !ok {
		return "", false
	}
	x.service, x.operation = serviceOf(prefix), operation
	x.protocol = protocolJSON11
	if strings.HasSuffix(x.r.Header.Get("Content-Type"), "1.0") {
		x.protocol = protocolJSON10
	}
	return prefix, true
}

// forward passes the request to a mounted handler, if the middleware allows it.
func (x *exchange) forward(h http.Handler) {
	if err := x.server.consult(x.service, x.operation); err != nil {
		x.fail(asError(err))
		return
	}
	x.w.Header().Set("X-Amzn-Requestid", x.id)
	h.ServeHTTP(x.w, x.r)
}

// read finds the service and the operation, and decodes the request.
func (x *exchange) read(hasTarget bool) (Object, error) {
	body, err := readBody(x.r)
	if hasTarget {
		return x.decoded(decodeJSON, body, err)
	}
	if x.rpc() {
		return x.decoded(func(b []byte) (Object, error) { return decodeCBOR(x.server.decoder, b) }, body, err)
	}
	x.protocol = protocolQuery
	in, err := x.decoded(func(b []byte) (Object, error) { return decodeForm(formOf(x.r, b)) }, body, err)
	if err != nil {
		return nil, err
	}
	return in, x.action(in)
}

func (x *exchange) decoded(decode func([]byte) (Object, error), body []byte, err error) (Object, error) {
	if err != nil {
		return nil, unreadable(err)
	}
	in, err := decode(body)
	if err != nil {
		return nil, unreadable(err)
	}
	return in, nil
}

// rpc recognizes Smithy RPC v2 by its path.
func (x *exchange) rpc() bool {
	_, path, ok := strings.Cut(x.r.URL.Path, "/service/")
	if !ok {
		return false
	}
	service, operation, ok := strings.Cut(path, "/operation/")
	if !ok {
		return false
	}
	x.protocol, x.service, x.operation = protocolCBOR, serviceOf(service), operation
	return true
}

// action takes Action and Version out of a form.
func (x *exchange) action(in Object) error {
	x.operation = in.String("Action")
	x.service, x.namespace = versionOf(in.String("Version"))
	delete(in, "Action")
	delete(in, "Version")
	if x.operation == "" {
		return &Error{Code: "MissingAction", Message: "the request is neither JSON, CBOR nor Query: it names no action"}
	}
	if x.service == "" {
		return Errorf("InvalidAction", "ecssim does not model the service of the operation %s", x.operation)
	}
	return nil
}

// serviceOf returns the service of a target prefix, or the prefix itself.
func serviceOf(prefix string) string {
	switch prefix {
	case "AmazonEC2ContainerServiceV20141113":
		return "ecs"
	case "AmazonEC2ContainerRegistry_V20150921":
		return "ecr"
	case "AnyScaleFrontendService":
		return serviceAAS
	case "AWSEvents":
		return "events"
	case "AmazonSQS":
		return serviceSQS
	case "GraniteServiceVersion20100801":
		return serviceMonitoring
	case "Logs_20140328":
		return "logs"
	case "DynamoDB_20120810":
		return "dynamodb"
	case "AmazonSSM":
		return "ssm"
	}
	return prefix
}

// versionOf returns the service of a Query version, and its XML namespace.
func versionOf(version string) (service, namespace string) {
	switch version {
	case "2010-08-01":
		return serviceMonitoring, "http://monitoring.amazonaws.com/doc/2010-08-01/"
	case "2010-03-31":
		return "sns", "http://sns.amazonaws.com/doc/2010-03-31/"
	case "2010-05-08":
		return "iam", "https://iam.amazonaws.com/doc/2010-05-08/"
	case "2011-06-15":
		return "sts", "https://sts.amazonaws.com/doc/2011-06-15/"
	case "2010-05-15":
		return "cloudformation", "http://cloudformation.amazonaws.com/doc/2010-05-15/"
	case "2015-12-01":
		return "elasticloadbalancing", "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"
	case "2012-11-05":
		return serviceSQS, "http://queue.amazonaws.com/doc/2012-11-05/"
	}
	return "", ""
}

// formOf returns the form of a Query request. A GET has it in its URL.
func formOf(r *http.Request, body []byte) string {
	if r.Method == http.MethodGet {
		return r.URL.RawQuery
	}
	return string(body)
}

// ReadWhole reads the body of a request of a socket into memory. It reports false if the
// client ended before. A body that is too large is left to the protocol.
func ReadWhole(r *http.Request) bool {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return false
	}
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), r.Body))
	if len(body) > maxBody {
		r.ContentLength = -1
	}
	return true
}

// readBody reads the whole body. Clients compress large CloudWatch requests.
func readBody(r *http.Request) ([]byte, error) {
	source := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(source)
		if err != nil {
			return nil, err
		}
		source = unzipped
	} else if n := r.ContentLength; n > 0 && n <= maxBody {
		body := make([]byte, n)
		_, err := io.ReadFull(source, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(source, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = errors.New("it is larger than 16 MiB")
	}
	return body, err
}
