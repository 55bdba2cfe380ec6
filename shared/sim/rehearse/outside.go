package rehearse

import "github.com/aws/aws-sdk-go-v2/service/ecs"

// Behaviour returns the name of the behaviour of an image by its digest. It is
// empty for a digest that the scenario did not push.
func (r *Run) Behaviour(digest string) string { return r.images[digest] }

// ECS returns a client of the simulated account, for another healer than
// Homeostat.
func (r *Run) ECS() *ecs.Client { return r.ecs }
