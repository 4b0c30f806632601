#include "state/store.h"

#include <sys/stat.h>

#include <fstream>
#include <map>

#include "tests/state/state_fixture.h"

namespace costdrift::state {
namespace {

using testing::memory_store;
using testing::ScratchDirectory;
using Rows = std::map<std::string, std::string>;

Rows read_all(const Store& store, KeySpace space, std::string_view from = {}, std::string_view to = {}) {
  Rows rows;
  store.scan(space, from, to, [&](std::string_view key, std::string_view value) {
    EXPECT_TRUE(rows.empty() || rows.rbegin()->first < key);
    rows.emplace(key, value);
    return true;
  });
  return rows;
}

std::string open_error(const std::string& path, const StoreOptions& options = {}) {
  auto opened = Store::open(path, options);
  EXPECT_FALSE(opened);
  return opened ? "" : opened.error().message;
}

TEST(StoreTest, CommittedRowsOfEverySpaceSurviveReopening) {
  const ScratchDirectory scratch;
  {
    auto store = Store::open(scratch.path(), {});
    ASSERT_TRUE(store) << store.error().message;
    for (int i = 1; i < kKeySpaces; ++i) (*store)->put(static_cast<KeySpace>(i), "key", std::to_string(i));
    EXPECT_TRUE((*store)->dirty());
    ASSERT_TRUE((*store)->commit());
    EXPECT_FALSE((*store)->dirty());
    (*store)->put(KeySpace::runs, "key", "not committed");
    (*store)->erase(KeySpace::lanes, "key");
  }
  auto store = Store::open(scratch.path(), {.create = false});
  ASSERT_TRUE(store) << store.error().message;
  for (int i = 1; i < kKeySpaces; ++i)
    EXPECT_EQ((*store)->get(static_cast<KeySpace>(i), "key"), std::to_string(i)) << i;
}

TEST(StoreTest, MakesItsDirectoryForItsOwnerOnly) {
  const ScratchDirectory scratch;
  ASSERT_TRUE(Store::open(scratch.path("a/b"), {}));
  struct stat info {};
  ASSERT_EQ(::stat(scratch.path("a/b").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
}

TEST(StoreTest, ScansSeeTheOverlayOverTheDatabase) {
  auto store = memory_store();
  std::mt19937 random(7);
  Rows model;
  const auto key_of = [&] { return "k" + std::to_string(random() % 40); };
  for (int step = 0; step < 4000; ++step) {
    const std::string key = key_of();
    const auto what = random() % 10;
    if (what < 5) {
      const std::string value = std::to_string(random() % 1000);
      store->put(KeySpace::lanes, key, value);
      model[key] = value;
    } else if (what < 9) {
      store->erase(KeySpace::lanes, key);
      model.erase(key);
    } else {
      ASSERT_TRUE(store->commit());
    }
    const auto found = model.find(key);
    ASSERT_EQ(store->get(KeySpace::lanes, key), found == model.end() ? std::nullopt : std::optional(found->second));
    if (step % 20 != 0) continue;
    std::string from = key_of(), to = key_of();
    if (to < from) std::swap(from, to);
    ASSERT_EQ(read_all(*store, KeySpace::lanes, from, to), Rows(model.lower_bound(from), model.lower_bound(to)));
    ASSERT_EQ(read_all(*store, KeySpace::lanes), model);
  }
  EXPECT_TRUE(read_all(*store, KeySpace::models).empty());
}

TEST(StoreTest, AVisitorStopsTheScan) {
  auto store = memory_store();
  for (const char* key : {"a", "b", "c"}) store->put(KeySpace::runs, key, key);
  ASSERT_TRUE(store->commit());
  store->put(KeySpace::runs, "bb", "bb");
  std::string seen;
  store->scan(KeySpace::runs, {}, {}, [&](std::string_view key, std::string_view) {
    seen += key;
    return key != "bb";
  });
  EXPECT_EQ(seen, "abbb");
}

TEST(StoreTest, ImmediateWritesBypassTheOverlay) {
  const ScratchDirectory scratch;
  {
    auto store = Store::open(scratch.path(), {});
    ASSERT_TRUE(store);
    ASSERT_TRUE((*store)->put_now(KeySpace::deliveries, "k", "v"));
    EXPECT_FALSE((*store)->dirty());
    EXPECT_EQ((*store)->get_now(KeySpace::deliveries, "k"), "v");
  }
  auto store = Store::open(scratch.path(), {});
  ASSERT_TRUE(store);
  EXPECT_EQ((*store)->get_now(KeySpace::deliveries, "k"), "v");
}

TEST(StoreTest, OneProcessAtATimeButReadersMayLook) {
  const ScratchDirectory scratch;
  auto owner = Store::open(scratch.path(), {});
  ASSERT_TRUE(owner);
  (*owner)->put(KeySpace::runs, "k", "v");
  ASSERT_TRUE((*owner)->commit());
  EXPECT_NE(open_error(scratch.path()).find("another process"), std::string::npos);
  auto reader = Store::open(scratch.path(), {.create = false, .read_only = true});
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ((*reader)->get(KeySpace::runs, "k"), "v");
  (*owner)->put(KeySpace::runs, "k", "w");
  EXPECT_TRUE((*owner)->commit());
}

TEST(StoreTest, RefusesWhatIsNotItsDirectory) {
  const ScratchDirectory scratch;
  std::ofstream(scratch.path("file")) << "text";
  EXPECT_NE(open_error(scratch.path("file")).find("is not a directory"), std::string::npos);
  EXPECT_NE(open_error(scratch.path("missing"), {.create = false}).find("does not exist"), std::string::npos);
  EXPECT_NE(open_error(scratch.path("missing"), {.read_only = true}).find("does not exist"), std::string::npos);

  std::filesystem::create_directory(scratch.path("photos"));
  std::ofstream(scratch.path("photos/cat.jpg")) << "cat";
  EXPECT_NE(open_error(scratch.path("photos")).find("cat.jpg"), std::string::npos);

  std::filesystem::create_directory(scratch.path("empty"));
  EXPECT_NE(open_error(scratch.path("empty"), {.read_only = true}).find("holds no state"), std::string::npos);
  EXPECT_TRUE(Store::open(scratch.path("empty"), {}));
}

TEST(StoreTest, RefusesTheDirectoryOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  const ScratchDirectory scratch;
  std::filesystem::create_directory(scratch.path());
  ASSERT_EQ(::chown(scratch.path().c_str(), 12345, 12345), 0);
  EXPECT_NE(open_error(scratch.path()).find("belongs to user id 12345"), std::string::npos);
}

TEST(StoreTest, RefusesANewerFormat) {
  const ScratchDirectory scratch;
  {
    auto store = Store::open(scratch.path(), {});
    ASSERT_TRUE(store);
    ASSERT_TRUE((*store)->put_now(KeySpace::meta, "format", "2"));
  }
  const std::string message = open_error(scratch.path());
  EXPECT_NE(message.find("format 2"), std::string::npos) << message;
}

TEST(StoreTest, RefusesWhenTheDiskIsNearlyFull) {
  const ScratchDirectory scratch;
  EXPECT_NE(open_error(scratch.path(), {.min_free_mib = std::int64_t{1} << 40}).find("free some space"),
            std::string::npos);
}

TEST(StoreTest, ADamagedTailOfTheLogRollsBackToACommit) {
  const ScratchDirectory scratch;
  {
    auto store = Store::open(scratch.path(), {});
    ASSERT_TRUE(store);
    for (int i = 0; i < 50; ++i) {
      (*store)->put(KeySpace::positions, "offset", std::to_string(i));
      (*store)->put(KeySpace::lanes, "sum", std::to_string(i));
      ASSERT_TRUE((*store)->commit());
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path()))
    if (entry.path().extension() == ".log")
      std::filesystem::resize_file(entry.path(), std::filesystem::file_size(entry.path()) * 2 / 3);
  auto store = Store::open(scratch.path(), {});
  ASSERT_TRUE(store) << store.error().message;
  const auto offset = (*store)->get(KeySpace::positions, "offset");
  ASSERT_TRUE(offset);
  EXPECT_LT(std::stoi(*offset), 49);
  EXPECT_EQ((*store)->get(KeySpace::lanes, "sum"), offset);
}

TEST(StoreTest, AnUnreadableRowIsReported) {
  auto store = memory_store();
  EXPECT_FALSE(store->failed());
  store->report_unreadable(KeySpace::lanes, "some\nkey");
  EXPECT_TRUE(store->failed());
  EXPECT_NE(store->failure().find("lanes"), std::string::npos);
  EXPECT_EQ(store->failure().find('\n'), std::string::npos);
  store->put(KeySpace::lanes, "k", "v");
  EXPECT_FALSE(store->commit());
}

}  // namespace
}  // namespace costdrift::state
