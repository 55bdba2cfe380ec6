// Package expression is CloudWatch metric math: expressions over the ids of other
// queries. They have + - * / ^, comparisons, && and ||, numbers, arrays, and the
// functions for scaling and alarms. An unknown function or form is an error and
// never a guess.
//
// The rules are those of "Using math expressions with CloudWatch metrics". A
// value is a number, a time series, or an array of series. Two series meet at
// their common times. A division by zero leaves no point. AVG, MAX, MIN and SUM
// of a series are a number, of an array a series.
package expression
