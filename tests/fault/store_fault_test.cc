// What the disk does to the store: killed between two writes, power lost, an error of the device, a damaged log.
// However it ends, what opens again is one of the committed states, the last one unless the damage reached it.
#include <gtest/gtest.h>

#include <cstdio>

#include "state/store.h"
#include "tests/support/random.h"
#include "tests/support/scale.h"
#include "tests/support/simulated_disk.h"

namespace costdrift::tests {
namespace {

constexpr const char* kPath = "/state";
constexpr int kCommits = 12;

std::unique_ptr<state::Store> open(SimulatedDisk& disk, bool sync = true) {
  auto store = state::Store::open(kPath, {.sync = sync, .env = disk.env()});
  return store ? *std::move(store) : nullptr;
}

// Every commit writes its number into two key spaces; returns how many commits succeeded.
int write_until_it_fails(state::Store& store, int first) {
  for (int i = first; i <= kCommits; ++i) {
    store.put(state::KeySpace::incidents, "number", std::to_string(i));
    store.put(state::KeySpace::positions, "number", std::to_string(i));
    store.put(state::KeySpace::journal, "row-" + std::to_string(i), std::string(200, 'x'));
    if (!store.commit()) return i - 1;
  }
  return kCommits;
}

// The number both key spaces agree on; -1: they differ, a batch was torn.
int number_in(state::Store& store) {
  const auto incidents = store.get(state::KeySpace::incidents, "number").value_or("0");
  const auto positions = store.get(state::KeySpace::positions, "number").value_or("0");
  return incidents == positions ? std::stoi(incidents) : -1;
}

TEST(StoreFault, KilledAtEveryCallItReopensWithTheLastCommit) {
  for (std::int64_t call = 1; call < 400; ++call) {
    SimulatedDisk disk;
    auto store = open(disk);
    ASSERT_TRUE(store);
    disk.kill_after(call);
    const int committed = write_until_it_fails(*store, 1);
    store.reset();
    disk.revive();
    store = open(disk);
    ASSERT_TRUE(store) << call;
    EXPECT_GE(number_in(*store), committed) << call;
    EXPECT_LE(number_in(*store), committed + 1) << call << ": the batch under way may have become durable";
    if (committed < kCommits) continue;
    std::printf("killed at each of %d calls: nothing committed is lost\n", static_cast<int>(call));
    return;  // the kill came after the last commit
  }
  FAIL() << "the commits need more calls than were tried";
}

TEST(StoreFault, PowerLostAtEveryCallNothingCommittedIsLost) {
  for (std::int64_t call = 1; call < 400; ++call) {
    SimulatedDisk disk;
    auto store = open(disk);
    ASSERT_TRUE(store);
    disk.kill_after(call);
    const int committed = write_until_it_fails(*store, 1);
    store.reset();
    disk.lose_power();
    disk.revive();
    store = open(disk);
    ASSERT_TRUE(store) << call;
    EXPECT_GE(number_in(*store), committed) << call;
    EXPECT_LE(number_in(*store), committed + 1) << call;
    if (committed < kCommits) continue;
    std::printf("power lost at each of %d calls: nothing committed is lost\n", static_cast<int>(call));
    return;
  }
  FAIL() << "the commits need more calls than were tried";
}

// Shows that the test above can fail: without syncing, power loss takes commits.
TEST(StoreFault, WithoutSyncPowerLossTakesCommits) {
  SimulatedDisk disk;
  auto store = open(disk, false);
  ASSERT_TRUE(store);
  EXPECT_EQ(write_until_it_fails(*store, 1), kCommits);
  disk.kill_after(1);  // nothing is written while closing either
  store.reset();
  disk.lose_power();
  disk.revive();
  store = open(disk);
  ASSERT_TRUE(store);
  EXPECT_LT(number_in(*store), kCommits);
  EXPECT_GE(number_in(*store), 0);
}

TEST(StoreFault, AnErrorOfTheDeviceIsFinalAndSaid) {
  int failures = 0;
  for (std::int64_t call = 1; call < 40; call += 2) {
    SimulatedDisk disk;
    auto store = open(disk);
    ASSERT_TRUE(store);
    disk.fail_once_after(call);
    const int committed = write_until_it_fails(*store, 1);
    if (committed < kCommits) {
      ++failures;
      EXPECT_TRUE(store->failed());
      EXPECT_NE(store->failure().find("simulated error"), std::string::npos) << store->failure();
      EXPECT_FALSE(store->commit()) << "the error is final until the state is opened anew";
    }
    store.reset();
    disk.revive();
    store = open(disk);
    ASSERT_TRUE(store) << call;
    EXPECT_GE(number_in(*store), committed) << call;
    EXPECT_LE(number_in(*store), committed + 1) << call;
  }
  std::printf("%d errors of the device: each said, each opened again with the last commit\n", failures);
  EXPECT_GT(failures, 10) << "the errors did not reach the store";
}

enum class Damage { cut, flipped, zeroed };

void damage(SimulatedDisk& disk, Damage kind, Random& random) {
  const std::string path = disk.newest_log(kPath);
  std::string bytes = disk.read(path);
  const auto at = static_cast<std::size_t>(random.uniform() * static_cast<double>(bytes.size()));
  switch (kind) {
    case Damage::cut:
      bytes.resize(at);
      break;
    case Damage::flipped:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << static_cast<int>(random.uniform() * 8)));
      break;
    case Damage::zeroed:
      std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), '\0');
      break;
  }
  disk.write(path, bytes);
}

// The tail rolls back to a commit, offsets and all; what follows is read again and written again.
TEST(StoreFault, ADamagedLogRollsBackToACommitAndCatchesUp) {
  int equal = 0;
  for (const Damage kind : {Damage::cut, Damage::flipped, Damage::zeroed}) {
    for (int trial = 0; trial < scaled(12, 60, 60); ++trial) {
      Random random(static_cast<std::uint64_t>(trial) * 3 + static_cast<std::uint64_t>(kind));
      SimulatedDisk disk;
      auto store = open(disk);
      ASSERT_TRUE(store);
      ASSERT_EQ(write_until_it_fails(*store, 1), kCommits);
      disk.kill_after(1);
      store.reset();
      damage(disk, kind, random);
      disk.revive();
      store = open(disk);
      ASSERT_TRUE(store) << trial;
      const int left = number_in(*store);
      ASSERT_GE(left, 0) << trial << ": a batch was torn";
      EXPECT_EQ(write_until_it_fails(*store, left + 1), kCommits) << trial;
      EXPECT_EQ(number_in(*store), kCommits) << trial;
      ++equal;
    }
  }
  std::printf("%d logs cut, flipped or zeroed: all rolled back to a commit and caught up\n", equal);
}

}  // namespace
}  // namespace costdrift::tests
