package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"homeostat/shared/core/fleet"
)

type historyVerb struct {
	output
	connectFlags
	Service string        `arg:"" optional:"" help:"Select CLUSTER/SERVICE instead of the whole account and region."`
	Since   time.Duration `default:"24h" help:"Read this far back."`
	Limit   int           `default:"50" help:"Print at most this number of episodes."`
	Episode string        `help:"Print only the episode with this id." placeholder:"ID"`
}

// Run prints the episodes, newest first. The text output has every reason, and
// the JSON output has the complete episodes for a replay.
func (v *historyVerb) Run(s *session) error {
	ctx, cancel := context.WithTimeout(s.ctx, v.Timeout)
	defer cancel()
	if v.Since <= 0 || v.Limit <= 0 {
		return usageError{fmt.Errorf("--since is %s and --limit is %d, expected both above zero", v.Since, v.Limit)}
	}
	d, err := v.open(ctx)
	if err != nil {
		return err
	}
	now := d.now()
	episodes, err := v.episodes(ctx, d, now)
	if err != nil {
		return err
	}
	printed := 0
	for _, e := range episodes {
		if e.At.Before(now.Add(-v.Since)) || v.Episode != "" && e.ID != v.Episode {
			continue
		}
		if printed++; printed > v.Limit {
			break
		}
		if err := v.print(s.out, e); err != nil {
			return err
		}
	}
	if printed == 0 && v.Output == "text" {
		_, err = fmt.Fprintf(s.out, "no episode in the last %s\n", v.Since)
	}
	return err
}

// maxRead limits the episodes of one service in a search by id. A busy service
// writes about as many in a day.
const maxRead = 1000

func (v *historyVerb) episodes(ctx context.Context, d *installation, now time.Time) ([]fleet.Episode, error) {
	if v.Service != "" {
		ref, err := d.ref(v.Service)
		if err != nil {
			return nil, err
		}
		limit := v.Limit
		if v.Episode != "" {
			limit = maxRead
		}
		found, err := d.store.Episodes(ctx, ref, limit)
		return found, userError(err)
	}
	var found []fleet.Episode
	for day := now; !day.Before(now.Add(-v.Since).UTC().Truncate(24 * time.Hour)); day = day.Add(-24 * time.Hour) {
		of, err := d.store.EpisodesOfDay(ctx, d.caller.Home, day)
		if err != nil {
			return nil, userError(err)
		}
		slices.Reverse(of)
		found = append(found, of...)
		if len(found) >= v.Limit && v.Episode == "" {
			break
		}
	}
	return found, nil
}

func (v *historyVerb) print(out io.Writer, e fleet.Episode) error {
	if v.Output == "json" {
		return writeJSON(out, e)
	}
	fmt.Fprintf(out, "%s ", e.At.UTC().Format(time.RFC3339))
	return printEpisode(out, e)
}
