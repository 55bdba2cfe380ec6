package dynamo

// Limits of DynamoDB. AWS: API reference of Query and TransactWriteItems, and
// "Quotas in Amazon DynamoDB".
const (
	maxItem        = 400 << 10 // bytes of an item
	maxPage        = 1 << 20   // bytes that one Query reads
	maxTransaction = 100       // items of TransactWriteItems
	maxExpression  = 4 << 10   // bytes of an expression
	maxOperators   = 300       // operators and functions of an expression
	maxList        = 100       // values of the operator IN
	// maxExponent and minExponent bound a number: 38 digits between 1E-130 and
	// 9.99E+125.
	maxExponent = 125
	minExponent = -130
	// maxDigits is the number of significant digits of a number.
	maxDigits = 38
	// maxFraction is the number of decimals of a sum: those of the least number.
	maxFraction   = -minExponent + maxDigits
	maxBatchWrite = 25       // items of BatchWriteItem
	maxBatchGet   = 100      // keys of BatchGetItem
	maxBatchBytes = 16 << 20 // bytes of an answer of BatchGetItem
	maxHashKey    = 2048     // bytes of a partition key
	maxRangeKey   = 1024     // bytes of a sort key
	minName       = 3        // characters of a table, CreateTable
	maxName       = 255      // characters of a table
	maxListed     = 100      // names of a page of ListTables
	maxTags       = 50       // tags of a table
	tagPage       = 10       // tags of a page of ListTagsOfResource
	accountUnits  = 80_000
	tableUnits    = 40_000
	recoveryDays  = 35 // days of point-in-time recovery, the default
	// warmReads and warmWrites are the initial warm throughput of a table on demand, in
	// units a second. AWS: "Understanding DynamoDB warm throughput".
	warmReads  = 12_000
	warmWrites = 4_000
	// maxParsed is the number of parsed expressions in the cache. Assumed: a
	// program has few expressions and repeats them.
	maxParsed = 1000
)
