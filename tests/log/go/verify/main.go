// A verifier with none of our code: golang.org/x/mod/sumdb's note and tlog read a log's folder and check all of it.
//
//	verify FOLDER VKEY [INDEX...]
//
// Checks the checkpoint's signature, makes the whole tree anew from the entries, holds root and every tile against it,
// and proves the entries of the given places. Prints the proofs and the size, or fails.
//
// It does not use tlog.TileHashReader: in Debian 12's golang-golang-x-mod-dev that leaves some tiles unauthenticated
// where several subtrees of the root lie in one tile.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type memory []tlog.Hash

func (m memory) ReadHashes(places []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(places))
	for i, place := range places {
		found[i] = m[place]
	}
	return found, nil
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	folder := os.Args[1]
	read := func(path string) []byte {
		content, err := os.ReadFile(filepath.Join(folder, path))
		fail(err)
		return content
	}
	verifier, err := note.NewVerifier(os.Args[2])
	fail(err)
	signed, err := note.Open(read("checkpoint"), note.VerifierList(verifier))
	fail(err)
	lines := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	fail(err)
	root, err := tlog.ParseHash(lines[2])
	fail(err)

	var hashes memory
	for first := int64(0); first < size; first += 256 {
		width := size - first
		if width > 256 {
			width = 256
		}
		// x/mod has tile/8/data/NUMBER and tile/8/LEVEL/NUMBER; tlog-tiles leaves the height out.
		tile := tlog.Tile{H: 8, L: -1, N: first / 256, W: int(width)}
		bundle := read(strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1))
		for i := int64(0); i < width; i++ {
			length := 0
			if len(bundle) >= 2 {
				length = int(binary.BigEndian.Uint16(bundle))
			}
			if len(bundle) < 2+length {
				fail(fmt.Errorf("%s is cut short", tile.Path()))
			}
			added, err := tlog.StoredHashes(first+i, bundle[2:2+length], hashes)
			fail(err)
			hashes = append(hashes, added...)
			bundle = bundle[2+length:]
		}
		if len(bundle) != 0 {
			fail(fmt.Errorf("%s is too long", tile.Path()))
		}
	}
	found, err := tlog.TreeHash(size, hashes)
	fail(err)
	if found != root {
		fail(fmt.Errorf("the entries have another root"))
	}
	for level := 0; size>>uint(8*level) > 0; level++ {
		count := size >> uint(8*level)
		for number := int64(0); number*256 < count; number++ {
			width := count - number*256
			if width > 256 {
				width = 256
			}
			tile := tlog.Tile{H: 8, L: level, N: number, W: int(width)}
			content, err := tlog.ReadTileData(tile, hashes)
			fail(err)
			path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
			if !bytes.Equal(content, read(path)) {
				fail(fmt.Errorf("%s is not what the entries make", path))
			}
		}
	}
	for _, text := range os.Args[3:] {
		index, err := strconv.ParseInt(text, 10, 64)
		fail(err)
		proof, err := tlog.ProveRecord(size, index, hashes)
		fail(err)
		fail(tlog.CheckRecord(proof, size, root, index, hashes[tlog.StoredHashIndex(0, index)]))
		fmt.Printf("proof %d", index)
		for _, hash := range proof {
			fmt.Printf(" %s", hash)
		}
		fmt.Println()
	}
	fmt.Println("size", size)
}
