// What Go's own resolver says: resolve NAME... A line for each: the addresses, or the error.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
)

func main() {
	resolver := net.Resolver{PreferGo: true}
	for _, name := range os.Args[1:] {
		addresses, err := resolver.LookupHost(context.Background(), name)
		if err != nil {
			fmt.Println(err)
		} else {
			fmt.Println(strings.Join(addresses, " "))
		}
	}
}
