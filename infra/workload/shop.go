package workload

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"
)

// shopPort is the port of the shop.
const shopPort = 80

// route sends the requests of a path to a service.
type route struct{ service, path string }

// routes returns the routes in the order of their priority.
func routes() []route {
	return []route{
		{"Authentication", "/login"},
		{"Catalogue", "/products"},
		{"Orders", "/checkout"},
	}
}

// newShop creates three web services behind one load balancer, selected by path.
func newShop(at environment) {
	group := at.open("ShopDoor", shopPort, "People reach the shop")
	balancer := awselasticloadbalancingv2.NewApplicationLoadBalancer(at.stack, jsii.String("Shop"), &awselasticloadbalancingv2.ApplicationLoadBalancerProps{
		Vpc: at.vpc, InternetFacing: jsii.Bool(true), SecurityGroup: group, DropInvalidHeaderFields: jsii.Bool(true),
	})
	listener := balancer.AddListener(jsii.String("Http"), &awselasticloadbalancingv2.BaseApplicationListenerProps{
		Port: jsii.Number(shopPort), Protocol: awselasticloadbalancingv2.ApplicationProtocol_HTTP, Open: jsii.Bool(false),
		DefaultAction: awselasticloadbalancingv2.ListenerAction_FixedResponse(jsii.Number(404), &awselasticloadbalancingv2.FixedResponseOptions{
			ContentType: jsii.String("text/plain"), MessageBody: jsii.String("try /login, /products or /checkout\n"),
		}),
	})
	for i, r := range routes() {
		file := r.path[1:]
		service := at.newService(r.service, fmt.Sprintf("echo %s > %s && exec httpd -f -p %d", r.service, file, webPort), webPort)
		listener.AddTargets(jsii.String(r.service), &awselasticloadbalancingv2.AddApplicationTargetsProps{
			Priority:   jsii.Number(10 * (i + 1)),
			Conditions: &[]awselasticloadbalancingv2.ListenerCondition{awselasticloadbalancingv2.ListenerCondition_PathPatterns(jsii.Strings(r.path, r.path+"/*"))},
			Port:       jsii.Number(webPort), Protocol: awselasticloadbalancingv2.ApplicationProtocol_HTTP,
			Targets:             &[]awselasticloadbalancingv2.IApplicationLoadBalancerTarget{service},
			DeregistrationDelay: awscdk.Duration_Seconds(jsii.Number(graceful)),
			HealthCheck:         &awselasticloadbalancingv2.HealthCheck{Path: jsii.String(health), Interval: awscdk.Duration_Seconds(jsii.Number(10))},
		})
	}
	at.output("ShopAddress", "Try /login, /products and /checkout.", jsii.String("http://"+*balancer.LoadBalancerDnsName()))
}
