// Fetches each URL of its arguments and says how that went.
package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

func main() {
	client := http.Client{Timeout: 8 * time.Second, Transport: &http.Transport{Proxy: nil}}
	for _, url := range os.Args[1:] {
		response, err := client.Get(url)
		var number syscall.Errno
		if errors.As(err, &number) {
			fmt.Println("refused", url, names[number])
			continue
		}
		if err != nil {
			fmt.Println("refused", url, err)
			continue
		}
		body, _ := io.ReadAll(response.Body)
		fmt.Println("reached", url, strings.TrimSpace(string(body)))
	}
}

var names = map[syscall.Errno]string{
	syscall.ENETUNREACH:  "ENETUNREACH",
	syscall.EACCES:       "EACCES",
	syscall.ECONNREFUSED: "ECONNREFUSED",
}
