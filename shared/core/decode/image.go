package decode

import "homeostat/shared/core/fleet"

const success = "SUCCESS"

// imageAction reads an ECR Image Action. A successful push gives a trigger.
func imageAction(e event) fleet.Trigger {
	t := withImage(e)
	action, result := e.detail.text("action-type"), e.detail.text("result")
	switch {
	case action != "PUSH":
		return ignored(t, "the image action changes no running image: "+quote(action))
	case result != success:
		return ignored(t, "the result of the push is "+quote(result))
	}
	t.Kind = fleet.ImagePush
	return t
}

// replication reads an ECR Replication Action. ECR emits it in the region that
// received the image.
func replication(e event) fleet.Trigger {
	t := withImage(e)
	action, result := e.detail.text("action-type"), e.detail.text("result")
	switch {
	case action != "REPLICATE":
		return ignored(t, "the replication action has the unknown type "+quote(action))
	case result != success:
		return ignored(t, "the result of the replication is "+quote(result))
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
	return ignored(t, "a pull through cache action changes no running image")
}

// referrer reads an ECR Referrer Action, about signatures and inventories.
func referrer(e event) fleet.Trigger {
	return ignored(withImage(e), "the event is about an artifact of an image, not about the image")
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
