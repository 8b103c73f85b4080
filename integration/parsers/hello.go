// What Go's crypto/tls sends first: hello ADDRESS NAME. It ends with the connection, whatever the server does.
package main

import (
	"crypto/tls"
	"os"
)

func main() {
	connection, err := tls.Dial("tcp", os.Args[1], &tls.Config{ServerName: os.Args[2], InsecureSkipVerify: true})
	if err == nil {
		connection.Close()
	}
}
