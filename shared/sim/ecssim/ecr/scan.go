package ecr

import (
	"maps"

	"homeostat/shared/sim/ecssim/wire"
)

// scanDetail is the detail of an ECR Image Scan (basic scanning). A severity
// without findings is absent.
type scanDetail struct {
	ScanStatus     string         `json:"scan-status"`
	RepositoryName string         `json:"repository-name"`
	Findings       map[string]int `json:"finding-severity-counts"`
	ImageDigest    string         `json:"image-digest"`
	ImageTags      []string       `json:"image-tags"`
}

// FinishScan ends a basic scan of an image with a number of findings by severity
// ("CRITICAL"). ECR emits an ECR Image Scan. It reports whether the image exists.
func (s *Service) FinishScan(repository, digest string, findings map[string]int) (found bool) {
	repo := s.find(repository)
	if repo == nil {
		return false
	}
	img := repo.byDigest(digest)
	if img == nil {
		return false
	}
	img.scanned, img.findings = s.account.Now(), maps.Clone(findings)
	if img.findings == nil {
		img.findings = map[string]int{}
	}
	s.account.Publish("aws.ecr", "ECR Image Scan", []string{repo.arn}, scanDetail{
		ScanStatus: "COMPLETE", RepositoryName: repo.name, Findings: img.findings,
		ImageDigest: img.digest, ImageTags: append([]string{}, img.tags...),
	})
	return true
}

func (s *Service) describeScan(in wire.Object) (wire.Object, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, err
	}
	id := in.Object("imageId")
	img := repo.find(id)
	switch {
	case img == nil:
		return nil, wire.Errorf("ImageNotFoundException", "The image does not exist within the repository with name '%s'", repo.name)
	case img.scanned.IsZero():
		return nil, wire.Errorf("ScanNotFoundException", "Image scan does not exist for the image with '%s' in the repository with name '%s'",
			img.digest, repo.name)
	}
	return wire.Object{
		"registryId": s.account.Account, "repositoryName": repo.name, "imageId": wire.Object{"imageDigest": img.digest},
		"imageScanStatus": wire.Object{"status": "COMPLETE", "description": "The scan was completed successfully."},
		"imageScanFindings": wire.Object{
			"imageScanCompletedAt": img.scanned, "vulnerabilitySourceUpdatedAt": img.scanned.Add(-feedAge),
			"findings": []wire.Object{}, "findingSeverityCounts": maps.Clone(img.findings),
		},
	}, nil
}
