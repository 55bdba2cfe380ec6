package cli

import (
	"fmt"
	"os"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/ops/report"
	"homeostat/shared/sim/rehearse"
)

// longestMoment is the longest text of a moment, in characters: one row of the
// picture.
const longestMoment = 122

// noteMoment keeps a note of the scenario for the picture.
func (s *timeline) noteMoment(at time.Time, text string) {
	s.moments = append(s.moments, report.Moment{At: at, Text: oneRow(text), Alert: strings.Contains(text, "lost")})
}

// episodeMoment keeps an action for the picture. Scaling shows in the counts.
func (s *timeline) episodeMoment(e fleet.Episode) {
	if e.Result.Status != fleet.Done {
		return
	}
	switch e.Decision.Kind {
	case fleet.ScaleOut, fleet.ScaleIn:
		return
	}
	text := fmt.Sprintf("%s: %s", e.Decision.Kind, rehearse.Describe(*e.Verdict.Action))
	if why := e.Decision.Main(); why.Text != "" {
		text += ", because " + why.Text
	}
	s.moments = append(s.moments, report.Moment{At: e.At, Text: oneRow(text), Alert: e.Decision.Kind == fleet.RollBack})
}

// picture writes the day as an SVG file.
func (s *timeline) picture(file string, r rehearse.Result) error {
	service := r.Services[0]
	figures := fmt.Sprintf("%.1f task-hours (five tasks all day: 120) · %.0f s without a healthy task · %d failed tasks",
		service.TaskHours, service.DowntimeS, service.TasksFailed)
	if service.DetectS != nil && service.RecoverS != nil {
		figures += fmt.Sprintf(" · bad image: rolled back after %.0f s, fully running after %.0f s", *service.DetectS, *service.RecoverS)
	}
	if err := os.WriteFile(file, report.Day(service, s.moments, figures), 0o644); err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	return nil
}

func oneRow(text string) string {
	if runes := []rune(text); len(runes) > longestMoment {
		return string(runes[:longestMoment-1]) + "…"
	}
	return text
}
