package strictyaml

const (
	// maxBytes bounds the size of a file, in bytes (1 MiB). A policy of 1,000
	// service entries with two keys each has about 70,000 bytes. The library
	// allocates 580 bytes for each byte of a file, so 1 MiB takes about one second.
	// Source: own measurement. Measure again: go test -bench Decode ./shared/core/strictyaml
	maxBytes = 1 << 20
	// maxDepth bounds the nesting, in levels. A policy uses 6 levels and a scenario
	// uses 5; the parser recurses once for each level.
	// Source: own choice.
	maxDepth = 32
	// spacesPerLevel is the widest usual indentation of one level, in spaces. It
	// turns an indentation into a number of levels.
	// Source: common editors indent YAML by 2 or 4 spaces.
	spacesPerLevel = 4
)
