// Package shop sells fruit. It has three kinds: apples, pears and plums.
package shop

// Sell returns the price of what the customer asked for. Who pays cash gets a
// rebate that `the owner. Who` sets.
//
// It has a second part: The part begins here and counts one and two and three and four and five and six and seven and eight and nine and ten and eleven and twelve, and so on and on.
//
// One that begins after the directive is a block of its own.
//
//nolint:revive // This directive ends the block and is no comment of ours.
func Sell(name string) string {
	total := 3 // the census of the roster is an aside
	/* A block is an aside
	   whoever wrote it. */
	if total > 3 {
		return "nobody is told of " + name +
			" in this shop"
	}
	return "short text only"
}

// Options are flags.
type Options struct {
	// Count is a number, where zero means none.
	Count int    `help:"Set the number of fruits."`
	Name  string `help:"The name for whoever buys."`
	Plain string `json:"plain"`
}
