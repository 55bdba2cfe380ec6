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

// ImageState is the state of an image in its registry. The words are stable.
type ImageState string

// The states of an image. The empty state means that it was not looked up.
const (
	// ImageRunnable is an image that can be pulled.
	ImageRunnable ImageState = "runnable"
	// ImageArchived is an image that the registry describes, and refuses to a pull with
	// 404 (Amazon ECR user guide, "Archiving an image").
	ImageArchived ImageState = "archived"
	// ImageActivating is an archived image during its restoration.
	ImageActivating ImageState = "activating"
	// ImageGone is an image that the registry does not hold.
	ImageGone ImageState = "gone"
	// ImageUnknown is an image whose state could not be read.
	ImageUnknown ImageState = "unknown"
)

// Obstructs reports whether a pull of the image fails for certain.
func (s ImageState) Obstructs() bool {
	return s == ImageArchived || s == ImageActivating || s == ImageGone
}

// CheckedImage is an image with its state in the registry.
type CheckedImage struct {
	Image Image      `json:"image"`
	State ImageState `json:"state"`
	// Why is the reason of an unknown state; empty for the others.
	Why string `json:"why,omitempty"`
}

// Deleted is the Status of a revision whose task definition ECS does not know any
// more.
const Deleted = "DELETED"

// Obstructed returns the first image that cannot be pulled; ok is false without one.
func (r Revision) Obstructed() (image CheckedImage, ok bool) {
	for _, i := range r.Images {
		if i.State.Obstructs() {
			return i, true
		}
	}
	return CheckedImage{}, false
}

// ContainerImage is the image of one container of a revision or task definition.
type ContainerImage struct {
	Name  string `json:"name"`
	Image Image  `json:"image"`
}

// Pinned reports whether the digests of all containers are known. It is false
// without containers.
func (r Revision) Pinned() bool {
	for _, c := range r.Containers {
		if c.Image.Digest == "" {
			return false
		}
	}
	return len(r.Containers) > 0
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

// ShortDigest returns the first digits of a digest, for texts. A text that is no digest is
// returned whole.
func ShortDigest(digest string) string {
	_, hex, ok := strings.Cut(digest, ":")
	switch {
	case digest == "":
		return "an unknown digest"
	case !ok || len(hex) < shortDigest:
		return digest
	}
	return hex[:shortDigest]
}
