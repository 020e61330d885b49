// The Go driver at the works that DriverBenchmarks measures: "work seconds processor-seconds" a line, for one call each.
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/version"
)

type publisher struct {
	Name string `bson:"name"`
	City string `bson:"city"`
}

type book struct {
	ID        primitive.ObjectID `bson:"_id"`
	Author    primitive.ObjectID `bson:"author"`
	Title     string             `bson:"title"`
	Subtitle  string             `bson:"subtitle"`
	Language  string             `bson:"language"`
	ISBN      string             `bson:"isbn"`
	Cover     string             `bson:"cover"`
	Summary   string             `bson:"summary"`
	Format    string             `bson:"format"`
	Year      int64              `bson:"year"`
	Pages     int64              `bson:"pages"`
	Views     int64              `bson:"views"`
	Copies    int64              `bson:"copies"`
	Edition   int64              `bson:"edition"`
	Shelf     int64              `bson:"shelf"`
	Rating    float64            `bson:"rating"`
	Price     float64            `bson:"price"`
	Weight    float64            `bson:"weight"`
	Created   primitive.DateTime `bson:"created"`
	Changed   primitive.DateTime `bson:"changed"`
	Available bool               `bson:"available"`
	InPrint   bool               `bson:"inPrint"`
	Tags      []string           `bson:"tags"`
	Publisher publisher          `bson:"publisher"`
}

const tasks = 64

var (
	ctx    = context.Background()
	client *mongo.Client
	books  *mongo.Collection
	count  int
	stored []interface{}
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "Go driver:", err)
		os.Exit(1)
	}
}

func expect(found, expected int64) {
	if found != expected {
		check(fmt.Errorf("found %d where %d should be", found, expected))
	}
}

func bookID(number int) (id primitive.ObjectID) {
	binary.BigEndian.PutUint64(id[4:], uint64(number))
	return id
}

func findOne(calls int) {
	for i := 0; i < calls; i++ {
		number := i*7919%count + 1
		var found book
		check(books.FindOne(ctx, bson.D{{Key: "_id", Value: bookID(number)}}).Decode(&found))
		expect(found.Year, int64(1000+number))
	}
}

func find100(calls int) {
	for i := 0; i < calls; i++ {
		cursor, err := books.Find(ctx, bson.D{}, options.Find().SetLimit(100))
		check(err)
		found := make([]book, 0, 100)
		check(cursor.All(ctx, &found))
		expect(int64(len(found)), 100)
	}
}

func walk(calls int) {
	for i := 0; i < calls; i++ {
		cursor, err := books.Find(ctx, bson.D{})
		check(err)
		found := 0
		for cursor.Next(ctx) {
			var one book
			check(cursor.Decode(&one))
			if one.Year > 0 {
				found++
			}
		}
		check(cursor.Err())
		check(cursor.Close(ctx))
		expect(int64(found), int64(count))
	}
}

func insert(int) {
	_, err := client.Database("bench").Collection("go").InsertMany(ctx, stored)
	check(err)
}

func concurrent(calls int) {
	var all sync.WaitGroup
	for i := 0; i < tasks; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			findOne(calls / tasks)
		}()
	}
	all.Wait()
}

func processor() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func main() {
	var err error
	count, err = strconv.Atoi(os.Args[2])
	check(err)
	client, err = mongo.Connect(ctx, options.Client().ApplyURI(os.Args[1]))
	check(err)
	books = client.Database("bench").Collection("books")
	cursor, err := books.Find(ctx, bson.D{})
	check(err)
	var all []book
	check(cursor.All(ctx, &all))
	expect(int64(len(all)), int64(count))
	for i := range all {
		stored = append(stored, &all[i])
	}
	run := map[string]func(int){
		"findOne": findOne, "find100": find100, "cursor": walk, "insertMany": insert, "concurrent": concurrent,
	}
	fmt.Println(version.Driver)
	for _, argument := range os.Args[3:] {
		parts := strings.Split(argument, "=")
		calls, err := strconv.Atoi(parts[len(parts)-1])
		check(err)
		bestTime, bestProcessor := 1e9, 1e9
		for round := 0; round < 3; round++ {
			if parts[0] == "insertMany" {
				check(client.Database("bench").Collection("go").Drop(ctx))
			}
			start, used := time.Now(), processor()
			run[parts[0]](calls)
			taken, cost := time.Since(start).Seconds()/float64(calls), (processor()-used)/float64(calls)
			// The first round is for warming up.
			if round > 0 && taken < bestTime {
				bestTime = taken
			}
			if round > 0 && cost < bestProcessor {
				bestProcessor = cost
			}
		}
		fmt.Println(parts[0], strconv.FormatFloat(bestTime, 'g', -1, 64), strconv.FormatFloat(bestProcessor, 'g', -1, 64))
	}
}
