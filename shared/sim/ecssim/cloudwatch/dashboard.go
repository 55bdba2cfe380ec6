package cloudwatch

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// dashboard is a dashboard. Its body is kept and never drawn.
type dashboard struct {
	name, body string
	modified   time.Time
}

func (s *Service) dashboardOperations() wire.Operations {
	return wire.Operations{
		"PutDashboard":     s.putDashboard,
		"GetDashboard":     s.getDashboard,
		"ListDashboards":   s.listDashboards,
		"DeleteDashboards": s.deleteDashboards,
	}
}

func (s *Service) dashboard(name string) *dashboard {
	for _, d := range s.dashboards {
		if d.name == name {
			return d
		}
	}
	return nil
}

// dashboardARN returns the ARN of a dashboard. Dashboards belong to no Region.
func (s *Service) dashboardARN(name string) string {
	return "arn:" + s.account.Partition + ":cloudwatch::" + s.account.Account + ":dashboard/" + name
}

func (s *Service) putDashboard(in wire.Object) (wire.Object, error) {
	name, body := in.String("DashboardName"), in.String("DashboardBody")
	if !json.Valid([]byte(body)) {
		return nil, wire.Errorf("DashboardInvalidInputError", "The field DashboardBody must be a valid JSON object")
	}
	d := s.dashboard(name)
	if d == nil {
		d = &dashboard{name: name}
		s.account.Tags.Put(s.dashboardARN(name), in.Objects("Tags"))
		s.dashboards = append(s.dashboards, d)
		slices.SortFunc(s.dashboards, func(a, b *dashboard) int { return strings.Compare(a.name, b.name) })
	}
	d.body, d.modified = body, s.account.Now()
	return wire.Object{"DashboardValidationMessages": []wire.Object{}}, nil
}

func (s *Service) getDashboard(in wire.Object) (wire.Object, error) {
	d := s.dashboard(in.String("DashboardName"))
	if d == nil {
		return nil, missingDashboard(in.String("DashboardName"))
	}
	return wire.Object{"DashboardName": d.name, "DashboardArn": s.dashboardARN(d.name), "DashboardBody": d.body}, nil
}

func missingDashboard(name string) error {
	return &wire.Error{Code: "DashboardNotFoundError", Message: "Dashboard " + name + " does not exist", Status: 404}
}

func (s *Service) listDashboards(in wire.Object) (wire.Object, error) {
	found := []wire.Object{}
	for _, d := range s.dashboards {
		if strings.HasPrefix(d.name, in.String("DashboardNamePrefix")) {
			found = append(found, wire.Object{
				"DashboardName": d.name, "DashboardArn": s.dashboardARN(d.name), "LastModified": d.modified, "Size": len(d.body),
			})
		}
	}
	found, next, err := wire.Page(found, in, "", "NextToken", dashboardsLimit)
	if err != nil {
		return nil, wire.Errorf("InvalidParameterValueException", "Request parameter NextToken is invalid")
	}
	return wire.SetToken(wire.Object{"DashboardEntries": found}, "NextToken", next), nil
}

// deleteDashboards deletes all dashboards of the request, or none if one does not
// exist. AWS: API reference of DeleteDashboards.
func (s *Service) deleteDashboards(in wire.Object) (wire.Object, error) {
	names := in.Strings("DashboardNames")
	if len(names) == 0 {
		return nil, wire.Errorf("InvalidParameterValueException", "The parameter DashboardNames must have at least one element.")
	}
	for _, name := range names {
		if s.dashboard(name) == nil {
			return nil, missingDashboard(name)
		}
	}
	s.dashboards = slices.DeleteFunc(s.dashboards, func(d *dashboard) bool { return slices.Contains(names, d.name) })
	for _, name := range names {
		delete(s.account.Tags, s.dashboardARN(name))
	}
	return wire.Object{}, nil
}
