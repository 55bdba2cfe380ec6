package rehearse

import (
	"archive/zip"
	"encoding/json"
	"net/http"
	"strings"
)

// lambdaPaths are the paths of Lambda's REST API that a reader of an installation asks.
const (
	functionPath = "/2015-03-31/functions/"
	mappingPath  = "/2015-03-31/event-source-mappings"
	bundlePath   = "/_homeostat/bundle"
)

// serveLambda answers for the functions of the account. It reports whether the request
// was one for Lambda.
func (r *Run) serveLambda(w http.ResponseWriter, request *http.Request) bool {
	switch path := strings.TrimSuffix(request.URL.Path, "/"); {
	case path == bundlePath:
		r.serveBundle(w)
	case path == mappingPath:
		body, err := mappings(request.URL.Query().Get("FunctionName"))
		writeRaw(w, body, err)
	case strings.HasPrefix(path, functionPath) && request.Method == http.MethodGet:
		f, ok := r.functionOf(strings.TrimPrefix(path, functionPath), "http://"+request.Host+bundlePath)
		if !ok {
			w.Header().Set("X-Amzn-Errortype", "ResourceNotFoundException")
			http.Error(w, `{"Message":"Function not found"}`, http.StatusNotFound)
			return true
		}
		body, err := json.Marshal(f)
		writeRaw(w, body, err)
	case strings.HasPrefix(path, "/2015-03-31/"):
		w.Header().Set("X-Amzn-Errortype", "UnknownOperationException")
		http.Error(w, `{"Message":"ecssim does not model this operation of Lambda"}`, http.StatusNotFound)
	default:
		return false
	}
	return true
}

func writeRaw(w http.ResponseWriter, body []byte, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // the client may be gone
}

// serveBundle writes the bundle of the functions, which holds their policy.
func (r *Run) serveBundle(w http.ResponseWriter) {
	compiled, err := r.policy.Compiled()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/zip")
	archive := zip.NewWriter(w)
	if file, err := archive.Create(policyFile); err == nil {
		_, _ = file.Write(compiled)
	}
	_ = archive.Close()
}
