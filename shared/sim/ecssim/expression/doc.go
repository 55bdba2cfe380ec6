// Package expression is CloudWatch metric math: expressions over the ids of
// other queries, with + - * / ^, comparisons, && and ||, numbers, arrays, and
// the functions that scaling and alarms are made of. What it does not know is
// an error and never a guess.
//
// The rules are those of "Using math expressions with CloudWatch metrics": a
// value is a number, a time series, or an array of series; two series meet at
// the times that both have; a division by zero leaves no point. AVG, MAX, MIN
// and SUM of a series are a number, of an array a series.
package expression
