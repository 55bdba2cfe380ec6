package style

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Files returns the tracked files of a tree that exist, as paths with slashes.
// Without git it returns all files outside of hidden and built folders.
func Files(ctx context.Context, root string) ([]string, error) {
	listed, err := git(ctx, root, "ls-files", "-z")
	if err != nil {
		return walk(os.DirFS(root))
	}
	var out []string
	for name := range strings.SplitSeq(listed, "\x00") {
		if name == "" {
			continue
		}
		info, err := os.Lstat(filepath.Join(root, filepath.FromSlash(name)))
		if err == nil && info.Mode().IsRegular() {
			out = append(out, name)
		}
	}
	return out, nil
}

func walk(fsys fs.FS) ([]string, error) {
	var out []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "dist" || d.Name() == "bin" || d.Name() == "cdk.out"):
			return fs.SkipDir
		case d.Type().IsRegular():
			out = append(out, name)
		}
		return nil
	})
	return out, err
}
