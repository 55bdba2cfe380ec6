package fleet

import "strings"

// ParseImage splits an image reference of a task definition:
// [registry/]repository[:tag][@digest]. A missing part stays empty.
func ParseImage(ref string) Image {
	var i Image
	name, digest, _ := strings.Cut(ref, "@")
	i.Digest = digest
	if at := strings.LastIndexByte(name, ':'); at > strings.LastIndexByte(name, '/') {
		i.Tag, name = name[at+1:], name[:at]
	}
	// A first part with a dot or a port is a registry host, as in Docker.
	if host, rest, ok := strings.Cut(name, "/"); ok && (strings.ContainsAny(host, ".:") || host == "localhost") {
		i.Registry, name = host, rest
	}
	i.Repository = name
	return i
}

// ECR returns the account and region of a private ECR registry; ok is false for
// another registry.
func (i Image) ECR() (account, region string, ok bool) {
	// The endpoints: plain, FIPS, IPv6, and IPv6 with FIPS.
	for _, host := range []string{".dkr.ecr.", ".dkr.ecr-fips.", ".dkr-ecr.", ".dkr-ecr-fips."} {
		if account, rest, found := strings.Cut(i.Registry, host); found {
			region, _, ok = strings.Cut(rest, ".")
			return account, region, ok && len(account) == accountDigits
		}
	}
	return "", "", false
}
