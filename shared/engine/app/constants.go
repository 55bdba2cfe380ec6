package app

// parallelEvaluations is the number of evaluations that a sweep runs at once. Chosen:
// 8, because an evaluation mostly waits for AWS.
const parallelEvaluations = 8

// attempts is the largest number of attempts of one AWS call. Chosen: 4. More would
// outlast the function's time, and SQS delivers the event again anyway.
const attempts = 4
