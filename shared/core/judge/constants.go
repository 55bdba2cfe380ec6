package judge

import (
	"time"

	"homeostat/shared/core/fleet"
)

// The rates of a good revision. The test holds for every revision that does no
// worse (docs/judge.md).
const (
	// goodStart is the share of starts that fail. Chosen: 2 of 100.
	goodStart = 0.02
	// goodHour is the share of task hours that end in a failure. Chosen: 5 of 1,000.
	goodHour = 0.005
	// startPeriod is the duration of a start. Chosen: 2 minutes.
	startPeriod = 2 * time.Minute
)

// The onsets of a bad revision: the possible beginnings of its failures
// (docs/judge.md).
const (
	// fromStart is the weight of "bad from its first task on". Chosen: 0.7. The rest
	// is spread over later onsets, the k-th step with 1/(k(k+1)). All weights add up
	// to 1.
	fromStart = 0.7
	// onsetStep is the time between two onsets. Chosen: 10 minutes.
	onsetStep = 10 * time.Minute
	// onsetWindow is the maximum age of an onset, so that old failures lose their
	// weight. Chosen: 3 hours.
	onsetWindow = 3 * time.Hour
)

// The slow failures (docs/judge.md).
const (
	// slowShare is the weight of the slow failures, and ageShare the part of it for the
	// ages. Chosen: with more than 0.04 four tasks that fail at once need a fourth
	// failure. With this part a leak is found once all of four tasks were killed.
	slowShare = 0.04
	ageShare  = 0.75
	// slowAges is the number of ages at which a task may fail: 1, 2, 4, 8, 16 and 32
	// hours. Chosen: a leak that needs longer is found by its memory.
	slowAges = fleet.DroppedAges
)

// slowRates returns the rates of slow failures for each task hour. Chosen: one failure
// in 3, 10 and 30 hours.
func slowRates() [3]float64 { return [3]float64{0.3, 0.1, 0.03} }

// ageRates returns the shares of tasks that fail between an age and twice that age, and
// ageWeights their weights. Chosen: nearly all, and half. A leak ends all of them.
func ageRates() [2]float64 { return [2]float64{0.9, 0.5} }

func ageWeights() [2]float64 { return [2]float64{0.8, 0.2} }

// badRates returns the failure rates of a trial that "bad" stands for. Chosen:
// nearly all fail, every other, three in ten.
func badRates() [3]float64 { return [3]float64{0.9, 0.5, 0.3} }

// rateWeights returns the weights of the bad rates. Chosen: the highest rate has
// little weight, because a revision with only failures is marked as bad without
// it. The other rates tolerate tasks without a known outcome.
func rateWeights() [3]float64 { return [3]float64{0.1, 0.45, 0.45} }

// The comparison with other tasks.
const (
	// controlLead is the time before the first failure of the suspect. Failures of
	// the control count from then on. Chosen: 10 minutes, because a shared cause
	// often shows in the control first.
	controlLead = 10 * time.Minute
	// placeOdds are the odds of a failing place against a bad revision, before the
	// places of the failures are known. Chosen: 1 : 5, because rollouts break things
	// more often.
	placeOdds = 0.2
	// minInPlace is the minimum number of failures in one place to be more than
	// chance. Chosen: 2.
	minInPlace = 2
)

// A change of the environment.
const (
	// youngFailure is the longest life of a task whose failure may come from a changed
	// environment. Chosen: 30 minutes, because a task reads its parameters and reaches
	// its dependencies within minutes of its start.
	youngFailure = 30 * time.Minute
	// leastStarts is the number of recent young failures that show a change. Chosen: 3,
	// as many as the judge needs against a revision.
	leastStarts = 3
	// environmentPace is the time without a start from which a change of the environment
	// is as likely as a bad revision. Chosen: 6 hours. In the minutes between two starts
	// of a rollout a change by chance is far less likely than a bad revision.
	environmentPace = 6 * time.Hour
	// environmentGap is the least time without a start in which the environment changes
	// by chance. Chosen: 10 minutes, longer than the time between two waves of a rollout.
	environmentGap = 10 * time.Minute
	// sourceOdds is the factor of a parameter or secret that changed between the two
	// starts. Chosen: 1,000, because such a change by chance in the minutes of a rollout
	// is far less likely still.
	sourceOdds = 1000
	// outdatedAfter is the longest time from the change of a parameter or secret to the
	// first failure of a task with the earlier value. Chosen: 1 hour, because connections
	// that use the earlier value may live that long.
	outdatedAfter = time.Hour
	// olderOdds is the factor of each older task that fails too. Chosen: the rate of a good
	// task hour by the lowest bad rate.
	olderOdds = goodHour / 0.3
	// olderLead is the time before the first failed start from which such failures count.
	// Chosen: 10 minutes, because a revision that turns bad ends running tasks first.
	olderLead = 10 * time.Minute
	// placeLead is the time by which the start of a task may precede the first failed
	// start, for the comparison of places. Chosen: 10 minutes.
	placeLead = 10 * time.Minute
)

// The end of a trouble.
const (
	// resolvedAfter is the time without a failure, with all tasks running. Later a
	// rollback has no use. Chosen: 15 minutes.
	resolvedAfter = 15 * time.Minute
	// explainedGap is the longest pause between failures with the same common
	// cause. Chosen: 5 minutes.
	explainedGap = 5 * time.Minute
	// explainedMax is the longest time after a common cause was found. Later
	// failures are not explained by it. Chosen: 1 hour.
	explainedMax = time.Hour
)

// The texts.
const (
	// maxName is the largest length of an outside name in a headline, in characters;
	// Detail has the full name. Chosen: a headline with it fits in 80
	// characters, a line of a terminal.
	maxName = 32
	// arnHead is the number of parts of an ARN before the resource
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html).
	arnHead = 5
	// manyTimes is the largest evidence ratio that a text gives as a figure. Chosen.
	manyTimes = 1e6
)

// The traffic of two revisions (docs/judge.md).
const (
	// leastRequests is the number of requests of each revision from which they are
	// compared. Chosen: fewer say little about some percent of errors.
	leastRequests = 100
	// leastErrors and leastErring are the errors, and the minutes with errors, from which
	// they count. Chosen: a burst at a start is no failure.
	leastErrors = 20
	leastErring = 2
	// moreErrors and timesErrors are the distance and the ratio of the failed shares from
	// which the new revision fails. Chosen: smaller ones are left to the alarms.
	moreErrors  = 0.05
	timesErrors = 3
	// likeErrors is the ratio of the failed shares, older to new, from which both fail.
	// Chosen.
	likeErrors = 0.5
	// timesLatency is the ratio of the latencies from which the new revision is slower.
	// Chosen: a cold cache rarely doubles the average.
	timesLatency = 2
)
