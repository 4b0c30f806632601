#include "daemon/disk_watch.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/temp_dir.h"

namespace costdrift::daemon {
namespace {

class DiskWatchTest : public testing::Test {
 protected:
  DiskWatch watch(std::int64_t ballast_mib) {
    return DiskWatch({directory_.path(), 100, ballast_mib, [this](const std::string&) { return free_mib_; }});
  }
  bool has_ballast() const { return std::filesystem::exists(directory_.file("BALLAST")); }

  const tests::TempDir directory_;
  std::optional<std::int64_t> free_mib_ = 1'000;
};

TEST_F(DiskWatchTest, TellsEachChangeOnce) {
  DiskWatch disk = watch(0);
  EXPECT_EQ(disk.look(), DiskChange::none);
  free_mib_ = 99;
  EXPECT_EQ(disk.look(), DiskChange::filled);
  EXPECT_EQ(disk.look(), DiskChange::none);
  EXPECT_NE(disk.problem().find("99 MiB are free"), std::string::npos) << disk.problem();
  free_mib_ = 100;
  EXPECT_EQ(disk.look(), DiskChange::freed);
  EXPECT_EQ(disk.problem(), "");
  EXPECT_FALSE(has_ballast());
}

TEST_F(DiskWatchTest, LaysABallastOfItsSize) {
  (void)watch(3).look();
  EXPECT_EQ(std::filesystem::file_size(directory_.file("BALLAST")), 3U << 20);
  (void)watch(2).look();
  EXPECT_EQ(std::filesystem::file_size(directory_.file("BALLAST")), 2U << 20) << "the setting has changed";
}

TEST_F(DiskWatchTest, GivesTheBallastUpOnlyWhenAlmostNothingIsLeft) {
  DiskWatch disk = watch(3);
  (void)disk.look();
  free_mib_ = 50;
  EXPECT_EQ(disk.look(), DiskChange::filled);
  EXPECT_TRUE(has_ballast());
  free_mib_ = 2;
  EXPECT_EQ(disk.look(), DiskChange::none);
  EXPECT_FALSE(has_ballast());
}

TEST_F(DiskWatchTest, GoesOnOnlyWhenThereIsRoomForTheBallastToo) {
  DiskWatch disk = watch(3);
  (void)disk.look();
  free_mib_ = 0;
  (void)disk.look();
  free_mib_ = 102;
  EXPECT_EQ(disk.look(), DiskChange::none);
  EXPECT_TRUE(disk.is_full());
  free_mib_ = 103;
  EXPECT_EQ(disk.look(), DiskChange::freed);
  EXPECT_TRUE(has_ballast());
}

TEST_F(DiskWatchTest, DoesNotWaitForRoomForABallastThatNeverWas) {
  DiskWatch disk = watch(3);
  free_mib_ = 99;
  EXPECT_EQ(disk.look(), DiskChange::filled);
  free_mib_ = 101;
  EXPECT_EQ(disk.look(), DiskChange::freed);
  EXPECT_FALSE(has_ballast());
}

TEST_F(DiskWatchTest, SpaceThatNobodyCanTellStopsNothing) {
  DiskWatch disk = watch(3);
  free_mib_ = std::nullopt;
  EXPECT_EQ(disk.look(), DiskChange::none);
  EXPECT_FALSE(disk.is_full());
}

}  // namespace
}  // namespace costdrift::daemon
