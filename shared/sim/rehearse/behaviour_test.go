package rehearse_test

import (
	"reflect"
	"testing"

	"homeostat/shared/sim/rehearse"

	"github.com/stretchr/testify/assert"
)

// fill sets every field below v.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field)
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Slice:
		v.Set(reflect.ValueOf([]string{"x"}))
	}
}

// unset returns the paths of the zero fields below v.
func unset(path string, v reflect.Value) (paths []string) {
	if v.Kind() != reflect.Struct {
		if v.IsZero() {
			paths = append(paths, path)
		}
		return paths
	}
	for of, field := range v.Fields() {
		paths = append(paths, unset(path+"."+of.Name, field)...)
	}
	return paths
}

func TestEveryKeyOfAnImageReachesTheSimulator(t *testing.T) {
	var image rehearse.Image
	fill(reflect.ValueOf(&image).Elem())
	assert.Empty(t, unset("Behaviour", reflect.ValueOf(image.Behaviour())))
}
