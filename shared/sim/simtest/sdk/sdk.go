// Package sdk configures clients of the AWS SDK for handlers that play AWS in a
// test. The clients make no retries and never reach AWS.
package sdk

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"homeostat/shared/sim/ecssim/wire"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Endpoint is the base URL of clients in memory. The name resolves nowhere.
const Endpoint = "http://ecssim.invalid"

// Config returns a configuration for clients that reach an endpoint with client.
func Config(client aws.HTTPClient, endpoint string) aws.Config {
	return aws.Config{
		Region: fixture.Region, HTTPClient: client, BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// InMemory returns a configuration for clients that call h without a socket.
// Their requests are not signed.
func InMemory(h http.Handler) aws.Config {
	cfg := Config(&http.Client{Transport: wire.Transport(h)}, Endpoint)
	cfg.Credentials = aws.AnonymousCredentials{}
	return cfg
}

// OverSocket serves h on a loopback socket until the test ends, and returns a
// configuration for clients that call it.
func OverSocket(t testing.TB, h http.Handler) aws.Config {
	t.Helper()
	socket := httptest.NewServer(h)
	t.Cleanup(socket.Close)
	return Config(wire.SocketClient(), socket.URL)
}
