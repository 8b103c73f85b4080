// acts ACT: does what the name says, and prints `done`.
package main

import (
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
)

func must(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

func threads() {
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() { group.Done() }()
	}
	group.Wait()
}

func spawns() {
	output, err := exec.Command(os.Args[0], "hello").Output()
	must(err)
	os.Stdout.Write(output[:6])
}

func sockets() {
	server, err := net.Listen("tcp4", "127.0.0.1:0")
	must(err)
	client, err := net.Dial("tcp4", server.Addr().String())
	must(err)
	served, err := server.Accept()
	must(err)
	_, err = client.Write([]byte("hello"))
	must(err)
	word := make([]byte, 5)
	_, err = io.ReadFull(served, word)
	must(err)
}

func files() {
	must(os.WriteFile("/tmp/made", []byte("hello\n"), 0o600))
	must(os.Rename("/tmp/made", "/tmp/moved"))
	_, err := os.ReadFile("/tmp/moved")
	must(err)
	file, err := os.OpenFile("/tmp/moved", os.O_RDWR, 0)
	must(err)
	must(file.Close())
	must(os.Remove("/tmp/moved"))
}

func main() {
	os.Stdout.WriteString("hello\n")
	acts := map[string]func(){"hello": func() {}, "threads": threads, "spawns": spawns, "sockets": sockets, "files": files}
	acts[os.Args[1]]()
	os.Stdout.WriteString("done\n")
}
