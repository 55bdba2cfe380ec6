package decode

const (
	// MaxEvent is the largest single event, in bytes: 1 MiB. EventBridge, SQS and SNS
	// carry no larger one.
	MaxEvent = 1 << 20
	// MaxInput is the largest input, in bytes: 16 MiB, a batch of many events. Chosen.
	MaxInput = 16 << 20
	// MaxDepth is the deepest nesting of lists and objects. Chosen: 512.
	MaxDepth = 512
	// maxWraps is the number of envelopes that may be nested: SQS, SNS and one spare.
	maxWraps = 3
)

// The sizes of texts and of the document.
const (
	// maxQuoted is the length of a word of the event in a reason, in characters.
	// Chosen: 80.
	maxQuoted = 80
	// maxLabel is the length of a key in a path, in bytes. Chosen: 64.
	maxLabel = 64
	// digestBytes is the number of bytes of a SHA-256 sum that replace a missing event
	// id. Chosen: 16.
	digestBytes = 16
	// bytesPerNode and spareNodes estimate the number of values of a document, for the
	// first allocation. Chosen: 28 bytes a value and 8 values more.
	bytesPerNode, spareNodes = 28, 8
	// fewKeys is the number of keys of an object that are compared one by one. Chosen: a
	// task event has 35, and a map of them is slower.
	fewKeys = 48
	// maxExact is the largest whole number that a float64 holds exactly, as do all
	// smaller ones.
	maxExact = 1 << 53
)
