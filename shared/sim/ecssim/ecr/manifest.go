package ecr

import (
	"encoding/json"

	"homeostat/shared/sim/ecssim/wire"
)

// manifest is the part of an image manifest, or of a list of manifests, that ECR
// reads.
type manifest struct {
	MediaType string       `json:"mediaType"`
	Config    descriptor   `json:"config"`
	Layers    []descriptor `json:"layers"`
	Manifests []descriptor `json:"manifests"`
}

// descriptor refers to a blob or to another manifest.
type descriptor struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int    `json:"size"`
}

// readManifest reads a manifest. mediaType is the one of the request; "" takes the
// one in the manifest. AWS: API reference of PutImage, imageManifestMediaType.
func readManifest(text, mediaType string) (manifest, *wire.Error) {
	var m manifest
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return m, invalid("ImageManifest", "Invalid JSON syntax")
	}
	if mediaType != "" {
		m.MediaType = mediaType
	}
	if m.MediaType == "" {
		return m, wire.Errorf("InvalidParameterException", "image manifest mediatype not provided in manifest or parameter")
	}
	return m, nil
}

// list reports whether the manifest is a list of other manifests.
func (m manifest) list() bool { return m.MediaType == manifestListType || m.MediaType == indexType }

// size returns the bytes of the layers; 0 for a manifest that names none.
func (m manifest) size() int {
	sum := 0
	for _, layer := range m.Layers {
		sum += layer.Size
	}
	return sum
}

// largest returns the size of the largest image of a list that the repository holds;
// 0 if it holds none. AWS: API reference of ImageDetail, imageSizeInBytes.
func (repo *repository) largest(m manifest) int {
	most := 0
	for _, of := range m.Manifests {
		if img := repo.byDigest(of.Digest); img != nil {
			most = max(most, img.size)
		}
	}
	return most
}

// invalid returns ECR's error for a parameter with a wrong value.
func invalid(parameter, constraint string) *wire.Error {
	return wire.Errorf("InvalidParameterException", "Invalid parameter at '%s' failed to satisfy constraint: '%s'", parameter, constraint)
}
