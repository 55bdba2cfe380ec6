package decode

import "homeostat/shared/core/fleet"

const success = "SUCCESS"

// imageAction reads an ECR Image Action: a push that succeeded is a trigger.
func imageAction(e event) fleet.Trigger {
	t := withImage(e)
	action, result := e.detail.text("action-type"), e.detail.text("result")
	switch {
	case action != "PUSH":
		return ignored(t, "an image action that changes no running image: "+quote(action))
	case result != success:
		return ignored(t, "a push whose result is "+quote(result))
	}
	t.Kind = fleet.ImagePush
	return t
}

// replication reads an ECR Replication Action; it is told in the region that
// now has the image.
func replication(e event) fleet.Trigger {
	t := withImage(e)
	action, result := e.detail.text("action-type"), e.detail.text("result")
	switch {
	case action != "REPLICATE":
		return ignored(t, "a replication action of unknown type "+quote(action))
	case result != success:
		return ignored(t, "a replication whose result is "+quote(result))
	}
	t.Kind = fleet.ImageReplicated
	return t
}

// pullThrough reads an ECR Pull Through Cache Action.
func pullThrough(e event) fleet.Trigger {
	t := withImage(e)
	if t.Image.Repository == "" {
		t.Image.Repository = e.detail.text("ecr-repository-prefix")
	}
	return ignored(t, "a pull through cache is synchronised for whoever pulls")
}

// referrer reads an ECR Referrer Action: signatures and inventories.
func referrer(e event) fleet.Trigger {
	return ignored(withImage(e), "a change of an artifact that refers to an image")
}

func withImage(e event) fleet.Trigger {
	t := e.base
	t.Image = fleet.Image{
		Repository: bareRepository(e.detail.text("repository-name")),
		Tag:        e.detail.text("image-tag"),
		Digest:     e.detail.text("image-digest"),
	}
	return t
}
