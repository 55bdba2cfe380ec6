package decide_test
import ("testing";"fmt";"time";"homeostat/shared/decide";"homeostat/shared/fleet")
func show(n string, in decide.Input){ d:=decide.Plan(in); fmt.Println(n, "=>", d.Kind, names(d.Reasons)); for _,r:=range d.Reasons{fmt.Println("    ",r.Name,":",r.Text)}; if d.Action!=nil{fmt.Printf("     %+v\n",*d.Action)}; fmt.Println("     quarantine", d.Quarantine)}
func TestProbe(t *testing.T){
 // A forced redeploy of same images
 in:=input(); convicted(&in)
 same:=rollout(6,"SUCCESSFUL"); same.Target=revision(7); same.Target.ARN="revision/7b"
 in.Snapshot.History=[]fleet.Rollout{rollout(7,"SUCCESSFUL"),same,rollout(5,"SUCCESSFUL")}
 show("A same images",in)
 // B after ECS rolled back
 in=input(); in.Snapshot.TaskDefinition="web:6"; in.Snapshot.Deployments[0].TaskDefinition="web:6"; in.Snapshot.Deployments[0].ID="ecs-svc/6b"
 dying(&in,"ecs-svc/6b",3,fleet.AppExit); in.Memory.Quarantine=[]fleet.Quarantined{{Image:image(7)}}
 in.Snapshot.History=[]fleet.Rollout{rollout(7,"ROLLBACK_SUCCESSFUL"),rollout(6,"SUCCESSFUL"),rollout(5,"SUCCESSFUL")}
 show("B after ECS rollback web:6 dies",in)
 // C control is another bad revision that was rolled back
 in=input(); in.Memory.Arms=nil
 dying(&in,"ecs-svc/5",3,fleet.AppExit); dying(&in,"ecs-svc/7",3,fleet.AppExit)
 in.Memory.Rollbacks=[]fleet.Rollback{{From:"ecs-svc/5",FromDefinition:"web:5",ToDefinition:"web:4"}}
 arm:=&fleet.Arm{Tasks:map[string]fleet.TaskLife{}}; for i:=range 4 {arm.Tasks[fmt.Sprint(i)]=fleet.TaskLife{StartedAt:ago(5*time.Hour)}}
 in.Memory.Arms["ecs-svc/4"]=arm
 show("C control holds a rolled back bad revision",in)
 // D common cause tick with high cpu
 in=input(); convicted(&in); dying(&in,"ecs-svc/6",3,fleet.ELBHealth); in.Trigger.Kind=fleet.Tick; in.Snapshot.CPU.Value=95
 show("D common cause at high CPU, tick",in)
 // E image pushed twice under 2 tags
 m:=fleet.Memory{}
 a:=image(8); b:=image(8); b.Tag="sha-123"
 m.Fold(fleet.Evidence{Trigger:fleet.Trigger{Kind:fleet.ImagePush,ID:"1",At:ago(2*time.Second),Image:a}},noon())
 m.Fold(fleet.Evidence{Trigger:fleet.Trigger{Kind:fleet.ImagePush,ID:"2",At:ago(1*time.Second),Image:b}},noon())
 in=input(); pushed(8)(&in); in.Memory.Pushed=m.Pushed
 show("E two tags",in)
 // F: source not in history
 in=input(); r:=rollout(7,"ROLLBACK_SUCCESSFUL"); side:=fleet.ContainerImage{Name:"proxy",Image:fleet.Image{Repository:"envoy",Digest:digest(1)}}
 r.Target.Containers=append(r.Target.Containers,side); in.Snapshot.History=[]fleet.Rollout{r}
 show("F source unknown",in)
 // G unhealthy overload
 in=input(); convicted(&in); dying(&in,"ecs-svc/7",3,fleet.ELBHealth); in.Trigger.Kind=fleet.TaskStopped; in.Snapshot.CPU.Value=99
 show("G elb kills at CPU 99",in)
 in=input(); in.Snapshot.Deployments=nil; pushed(8)(&in)
 show("H redeploy no primary", in)
}
