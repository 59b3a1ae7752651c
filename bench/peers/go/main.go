// A client on github.com/cloudsoda/go-smb2, told as libraries.py says.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path"
	"path/filepath"

	"github.com/cloudsoda/go-smb2"
)

// Files of a tree that are moved at a time.
const atOnce = 16

func get(share *smb2.Share, there, here string) error {
	from, err := share.Open(there)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.Create(here)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

func put(share *smb2.Share, there, here string) error {
	from, err := os.Open(here)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := share.Create(there)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// team runs jobs side by side and gathers what goes wrong.
type team struct {
	places chan struct{}
	errs   chan error
	jobs   int
}

func newTeam() *team {
	return &team{places: make(chan struct{}, atOnce), errs: make(chan error, 1<<20)}
}

func (t *team) do(job func() error) {
	t.places <- struct{}{}
	t.jobs++
	go func() {
		t.errs <- job()
		<-t.places
	}()
}

func (t *team) wait() (err error) {
	for ; t.jobs > 0; t.jobs-- {
		err = errors.Join(err, <-t.errs)
	}
	return err
}

// getFolders makes the folders and names the files: (there, here).  Listing beside other requests fails.
func getFolders(share *smb2.Share, there, here string) (files [][2]string, err error) {
	entries, err := share.ReadDir(there)
	if err == nil {
		err = os.Mkdir(here, 0o777)
	}
	for _, entry := range entries {
		from, to := path.Join(there, entry.Name()), filepath.Join(here, entry.Name())
		if err != nil {
			break
		}
		if !entry.IsDir() {
			files = append(files, [2]string{from, to})
			continue
		}
		var more [][2]string
		more, err = getFolders(share, from, to)
		files = append(files, more...)
	}
	return files, err
}

func getTree(t *team, share *smb2.Share, there, here string) error {
	files, err := getFolders(share, there, here)
	for _, file := range files {
		t.do(func() error { return get(share, file[0], file[1]) })
	}
	return err
}

func putTree(t *team, share *smb2.Share, there, here string) error {
	entries, err := os.ReadDir(here)
	if err != nil {
		return err
	}
	if err := share.Mkdir(there, 0o777); err != nil {
		return err
	}
	for _, entry := range entries {
		from, to := filepath.Join(here, entry.Name()), path.Join(there, entry.Name())
		if !entry.IsDir() {
			t.do(func() error { return put(share, to, from) })
		} else if err := putTree(t, share, to, from); err != nil {
			return err
		}
	}
	return nil
}

func list(share *smb2.Share, there string) error {
	entries, err := share.ReadDir(there)
	for _, entry := range entries {
		fmt.Println(entry.Size(), entry.ModTime(), entry.Name())
	}
	return err
}

func do(share *smb2.Share, what, there, here string) error {
	switch what {
	case "get":
		return get(share, there, here)
	case "put":
		return put(share, there, here)
	case "get_tree":
		t := newTeam()
		return errors.Join(getTree(t, share, there, here), t.wait())
	case "put_tree":
		t := newTeam()
		return errors.Join(putTree(t, share, there, here), t.wait())
	case "list":
		return list(share, there)
	}
	return fmt.Errorf("%s: no such thing", what)
}

func run(what, host, port, user, share, there, here string) error {
	dialer := &smb2.Dialer{Initiator: &smb2.NTLMInitiator{User: user, Password: os.Getenv("LAVA_SMB_PASSWORD")}}
	session, err := dialer.Dial(context.Background(), net.JoinHostPort(host, port))
	if err != nil {
		return err
	}
	defer session.Logoff()
	mounted, err := session.Mount(share)
	if err != nil {
		return err
	}
	defer mounted.Umount()
	return do(mounted, what, there, here)
}

func main() {
	if len(os.Args) != 8 {
		os.Exit(2)
	}
	a := os.Args
	if err := run(a[1], a[2], a[3], a[4], a[5], a[6], a[7]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
