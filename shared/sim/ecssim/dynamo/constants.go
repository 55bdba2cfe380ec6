package dynamo

// Limits of DynamoDB. AWS: API reference of Query and TransactWriteItems, and
// "Quotas in Amazon DynamoDB".
const (
	maxItem        = 400 << 10 // bytes of an item
	maxPage        = 1 << 20   // bytes that one Query reads
	maxTransaction = 100       // items of TransactWriteItems
	// maxExponent and minExponent bound a number: 38 digits between 1E-130 and
	// 9.9E+125.
	maxExponent = 125
	minExponent = -130
	// maxNumber is the length of a number's text, far beyond 38 digits. Assumed.
	maxNumber = 200
	// maxParsed is the number of parsed expressions in the cache. Assumed: a
	// program has few expressions and repeats them.
	maxParsed = 1000
)
