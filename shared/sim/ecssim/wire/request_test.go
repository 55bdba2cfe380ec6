package wire_test

import (
	"testing"

	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
)

func TestARequestIsCheckedAgainstAWSsModel(t *testing.T) {
	for name, c := range map[string]struct {
		service, operation string
		in                 wire.Object
		code, message      string
	}{
		"a value outside of an enum": {
			"ecs", "CreateService",
			wire.Object{"serviceName": "web", "launchType": "SOMETHING"},
			"InvalidParameterException",
			"1 validation error detected: Value 'SOMETHING' at 'launchType' failed to satisfy constraint: Member must satisfy enum value set: [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES]",
		},
		"the words of task definitions": {
			"ecs", "RegisterTaskDefinition",
			wire.Object{"family": "f", "networkMode": "moon"},
			"ClientException",
			"1 validation error detected: Value 'moon' at 'networkMode' failed to satisfy constraint: Member must satisfy enum value set: [bridge, host, awsvpc, none]",
		},
		"a required member, and a number below its limit": {
			"monitoring", "PutMetricAlarm",
			wire.Object{"Period": 0, "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold"},
			"ValidationError",
			"2 validation errors detected: Value null at 'alarmName' failed to satisfy constraint: Member must not be null; " +
				"Value '0' at 'period' failed to satisfy constraint: Member must have value greater than or equal to 1",
		},
		"too many elements, with the place of one": {
			"monitoring", "PutMetricAlarm",
			wire.Object{
				"AlarmName": "a", "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": []any{"1", "2", "3", "4", "5", "6"},
				"Dimensions": []any{wire.Object{"Name": "", "Value": "v"}},
			},
			"ValidationError",
			"2 validation errors detected: Value at 'alarmActions' failed to satisfy constraint: Member must have length less than or equal to 5; " +
				"Value at 'dimensions.1.member.name' failed to satisfy constraint: Member must have length greater than or equal to 1",
		},
		"a pattern, in the words of ECR": {
			"ecr", "CreateRepository",
			wire.Object{"repositoryName": "Bad_NAME!"},
			"InvalidParameterException",
			"Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(\\/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*''",
		},
		"an unknown namespace": {
			"application-autoscaling", "DescribeScalableTargets",
			wire.Object{"ServiceNamespace": "bla"},
			"ValidationException",
			"1 validation error detected: Value 'bla' at 'serviceNamespace' failed to satisfy constraint: Member must satisfy enum value set: [",
		},
		"a wrong type": {
			"ecs", "UpdateService", wire.Object{"service": "web", "desiredCount": "three"}, "SerializationException", "desiredCount is not integer",
		},
		"a list that is a text": {
			"ecs", "DescribeServices", wire.Object{"services": "web"}, "SerializationException", "services is not a list",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := wire.NewServer()
			s.Handle(c.service, c.operation, func(wire.Object) (wire.Object, error) { return wire.Object{}, nil })
			_, err := s.Invoke(c.service, c.operation, c.in)
			var refused *wire.Error
			if assert.ErrorAs(t, err, &refused) {
				assert.Equal(t, c.code, refused.Code)
				assert.Contains(t, refused.Message, c.message)
			}
		})
	}
}

func TestARequestThatFitsReachesItsHandler(t *testing.T) {
	s := wire.NewServer()
	s.Share(wire.NewModels())
	s.Handle("ecs", "UpdateService", func(in wire.Object) (wire.Object, error) { return in, nil })
	out, err := s.Invoke("ecs", "UpdateService", wire.Object{
		"service": "web", "desiredCount": 3, "forceNewDeployment": true, "ofNextYear": "unknown members are AWS's to come",
		"loadBalancers": []any{map[string]any{"containerPort": 80}}, "placementConstraints": nil,
	})
	assert.NoError(t, err)
	assert.Equal(t, 3, out["desiredCount"])
}

// The Query protocol writes all values as texts.
func TestTextsOfTheQueryProtocolAreNumbersAndBooleans(t *testing.T) {
	s := wire.NewServer()
	s.Handle("monitoring", "PutMetricAlarm", func(wire.Object) (wire.Object, error) { return wire.Object{}, nil })
	form := "Action=PutMetricAlarm&Version=2010-08-01&AlarmName=a&EvaluationPeriods=1&ComparisonOperator=GreaterThanThreshold&Threshold=0.5&ActionsEnabled=true&Period="
	answer, body := post(t, s, "/", form+"60", "Content-Type", "application/x-www-form-urlencoded")
	assert.Equal(t, 200, answer.StatusCode, body)
	answer, body = post(t, s, "/", form+"minute", "Content-Type", "application/x-www-form-urlencoded")
	assert.Equal(t, 400, answer.StatusCode)
	assert.Contains(t, body, "SerializationException")
}
