package rehearse

import "github.com/aws/aws-sdk-go-v2/service/ecs"

// Behaviour is the name of what the tasks of an image do, by its digest; empty
// for a digest that the scenario did not push.
func (r *Run) Behaviour(digest string) string { return r.images[digest] }

// ECS is a client of the simulated account, for another healer than Homeostat.
func (r *Run) ECS() *ecs.Client { return r.ecs }
