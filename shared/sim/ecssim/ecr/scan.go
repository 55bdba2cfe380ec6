package ecr

import (
	"maps"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// scan is the last basic scan of an image. The zero value is none.
type scan struct {
	running        bool
	started, ended time.Time
	findings       map[string]int // by severity
}

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
// ("CRITICAL"). ECR emits an ECR Image Scan. It reports whether the image exists. Later
// scans of the image have the same findings.
func (s *Service) FinishScan(repository, digest string, findings map[string]int) (found bool) {
	repo := s.find(repository)
	if repo == nil {
		return false
	}
	img := repo.byDigest(digest)
	if img == nil {
		return false
	}
	img.scan.findings = maps.Clone(findings)
	s.endScan(repo, img)
	return true
}

// startScan begins a basic scan. An image has the findings of FinishScan; without them
// it has none, because its layers are empty.
func (s *Service) startScan(repo *repository, img *image) {
	img.scan.running, img.scan.started = true, s.account.Now()
	s.account.After(scanTime, func() {
		if img.scan.running && repo.byDigest(img.digest) == img {
			s.endScan(repo, img)
		}
	})
}

func (s *Service) endScan(repo *repository, img *image) {
	img.scan.running, img.scan.ended = false, s.account.Now()
	if img.scan.findings == nil {
		img.scan.findings = map[string]int{}
	}
	s.account.Publish("aws.ecr", "ECR Image Scan", []string{repo.arn}, scanDetail{
		ScanStatus: "COMPLETE", RepositoryName: repo.name, Findings: img.scan.findings,
		ImageDigest: img.digest, ImageTags: append([]string{}, img.tags...),
	})
}

// startImageScan begins a scan by hand, once a day for each image.
func (s *Service) startImageScan(in wire.Object) (wire.Object, error) {
	repo, img, err := s.scanned(in)
	if err != nil {
		return nil, err
	}
	if last := img.scan.started; !last.IsZero() && s.account.Now().Sub(last) < scanInterval {
		return nil, wire.Errorf("LimitExceededException", "The scan quota per image has been exceeded. Wait and try again.")
	}
	s.startScan(repo, img)
	return s.withScan(repo, img, in), nil
}

// scanned finds the image of a request about a scan.
func (s *Service) scanned(in wire.Object) (*repository, *image, error) {
	repo, err := s.mustRepository(in)
	if err != nil {
		return nil, nil, err
	}
	img := repo.find(in.Object("imageId"))
	if img == nil {
		return nil, nil, s.noImage(repo, in.Object("imageId"))
	}
	return repo, img, nil
}

// withScan returns the image of a request with the status of its scan.
func (s *Service) withScan(repo *repository, img *image, in wire.Object) wire.Object {
	out := s.imageObject(repo, img, in.Object("imageId").String("imageTag"))
	delete(out, "imageManifest")
	delete(out, "imageManifestMediaType")
	out["imageScanStatus"] = img.scan.status()
	return out
}

func (c scan) status() wire.Object {
	if c.running {
		return wire.Object{"status": "IN_PROGRESS"}
	}
	return wire.Object{"status": "COMPLETE", "description": "The scan was completed successfully."}
}

// none reports whether the image was never scanned.
func (c scan) none() bool { return !c.running && c.ended.IsZero() }

// summary returns the numbers of the last complete scan; nil if there is none.
func (c scan) summary() wire.Object {
	if c.running || c.ended.IsZero() {
		return nil
	}
	return wire.Object{
		"imageScanCompletedAt": c.ended, "vulnerabilitySourceUpdatedAt": c.ended.Add(-feedAge),
		"findingSeverityCounts": maps.Clone(c.findings),
	}
}

// summarize adds the scan to the details of an image.
func (c scan) summarize(out wire.Object) {
	if c.none() {
		return
	}
	out["imageScanStatus"] = c.status()
	if summary := c.summary(); summary != nil {
		out["imageScanFindingsSummary"] = summary
	}
}

func (s *Service) describeScan(in wire.Object) (wire.Object, error) {
	repo, img, err := s.scanned(in)
	if err != nil {
		return nil, err
	}
	if img.scan.none() {
		return nil, wire.Errorf("ScanNotFoundException",
			"Image scan does not exist for the image with '%s' in the repository with name '%s' in the registry with id '%s'",
			written(in.Object("imageId")), repo.name, s.account.Account)
	}
	out := s.withScan(repo, img, in)
	if findings := img.scan.summary(); findings != nil {
		findings["findings"] = []wire.Object{}
		out["imageScanFindings"] = findings
	}
	return out, nil
}
