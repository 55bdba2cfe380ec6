package decode

import "homeostat/shared/core/fleet"

// basicScan reads an ECR Image Scan.
func basicScan(e event) fleet.Trigger {
	t := scanned(e)
	t.Kind = fleet.ImageScan
	return t
}

// inspectorScan reads an Inspector2 Scan. Inspector scans functions and instances
// too, and names a repository by its ARN.
func inspectorScan(e event) fleet.Trigger {
	t := scanned(e)
	if t.Image.Repository == "" {
		return ignored(t, "the scan is not of an image")
	}
	t.Kind = fleet.ImageScan
	return t
}

func scanned(e event) fleet.Trigger {
	t := withImage(e)
	count := 0
	for tag := range e.detail.list("image-tags").texts() {
		count++
		t.Image.Tag = tag
	}
	if count > 1 {
		t.Image.Tag = "" // the event does not tell which tag was scanned
	}
	t.Scan = fleet.Scan{Status: e.detail.text("scan-status"), Findings: findings(e.detail.object("finding-severity-counts"))}
	t.Reason = t.Scan.Status
	return t
}

// findings counts by severity. Inspector's TOTAL is not a severity.
func findings(o object) map[string]int {
	var out map[string]int
	for severity, at := range o.members() {
		n, ok := o.doc.whole(at)
		if !ok || severity == "TOTAL" {
			continue
		}
		if out == nil {
			out = make(map[string]int, 6)
		}
		out[severity] = int(n)
	}
	return out
}
