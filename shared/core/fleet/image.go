package fleet

import "strings"

// ParseImage splits a reference as a task definition carries it:
// [registry/]repository[:tag][@digest]. A part that is missing stays empty.
func ParseImage(ref string) Image {
	var i Image
	name, digest, _ := strings.Cut(ref, "@")
	i.Digest = digest
	if at := strings.LastIndexByte(name, ':'); at > strings.LastIndexByte(name, '/') {
		i.Tag, name = name[at+1:], name[:at]
	}
	// A first part with a dot or a port is a registry host, as Docker reads it.
	if host, rest, ok := strings.Cut(name, "/"); ok && (strings.ContainsAny(host, ".:") || host == "localhost") {
		i.Registry, name = host, rest
	}
	i.Repository = name
	return i
}

// ECR reports whether the image lives in a private ECR registry, and where.
func (i Image) ECR() (account, region string, ok bool) {
	// Its plain endpoint, the one of FIPS, and the one for IPv6.
	for _, host := range []string{".dkr.ecr.", ".dkr.ecr-fips.", ".dkr-ecr.", ".dkr-ecr-fips."} {
		if account, rest, found := strings.Cut(i.Registry, host); found {
			region, _, ok = strings.Cut(rest, ".")
			return account, region, ok && len(account) == 12
		}
	}
	return "", "", false
}
