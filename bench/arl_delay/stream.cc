#include "bench/arl_delay/stream.h"

#include <cmath>
#include <utility>
#include <vector>

namespace costdrift::bench {
namespace {

class IidStream final : public Stream {
 public:
  IidStream(Random random, Law before, Law after)
      : random_(random), before_(std::move(before)), after_(std::move(after)) {}
  void fill(std::span<Call> calls) override {
    const Law& law = changed_ ? after_ : before_;
    for (Call& call : calls) call = {static_cast<float>(law.draw(random_)), 0};
  }
  void change() override { changed_ = true; }

 private:
  Random random_;
  Law before_, after_;
  bool changed_ = false;
};

class SessionStream final : public Stream {
 public:
  SessionStream(Random random, const SessionTraffic& traffic) : random_(random), traffic_(traffic) {
    for (int i = 0; i < traffic.concurrent; ++i) sessions_.push_back(fresh());
  }
  void fill(std::span<Call> calls) override {
    for (Call& call : calls) {
      Session& session = sessions_[static_cast<std::size_t>(random_.uniform() * traffic_.concurrent)];
      const double size = std::exp(session.level + traffic_.within_sd * random_.normal());
      call.value = static_cast<float>(changed_ ? size * traffic_.factor_after + traffic_.shift_after : size);
      call.place = ++session.place;
      if (--session.left <= 0) session = fresh();
    }
  }
  void change() override { changed_ = true; }

 private:
  struct Session {
    double level = 0;
    int left = 0;
    int place = 0;
  };
  Session fresh() {
    return {std::log(traffic_.median) + traffic_.between_sd * random_.normal(), random_.geometric(traffic_.mean_length),
            0};
  }

  Random random_;
  SessionTraffic traffic_;
  std::vector<Session> sessions_;
  bool changed_ = false;
};

class LevelStream final : public Stream {
 public:
  LevelStream(Random random, const LevelTraffic& traffic) : random_(random), traffic_(traffic) {
    wander_ = traffic.sd * random_.normal();
    minute_ = static_cast<int>(random_.uniform() * kWeek);
  }
  void fill(std::span<Call> calls) override {
    for (Call& call : calls) {
      if (left_ == 0) next_minute();
      --left_;
      call = {static_cast<float>(traffic_.value(random_, level_ + (changed_ ? traffic_.jump : 0))), 0};
    }
  }
  void change() override { changed_ = true; }

 private:
  static constexpr int kDay = 1440, kWeek = 7 * kDay;
  void next_minute() {
    left_ = traffic_.calls_per_minute;
    minute_ = (minute_ + 1) % kWeek;
    wander_ = traffic_.ar * wander_ + std::sqrt(1 - traffic_.ar * traffic_.ar) * traffic_.sd * random_.normal();
    const double day = std::sin(6.283185307179586 * minute_ / kDay);
    level_ = traffic_.base + wander_ + traffic_.rhythm * (day - (minute_ >= 5 * kDay ? 1 : 0));
  }

  Random random_;
  LevelTraffic traffic_;
  double wander_ = 0;
  double level_ = 0;
  int minute_ = 0;
  int left_ = 0;
  bool changed_ = false;
};

}  // namespace

std::unique_ptr<Stream> iid_stream(Random random, Law before, Law after) {
  return std::make_unique<IidStream>(random, std::move(before), std::move(after));
}

std::unique_ptr<Stream> session_stream(Random random, const SessionTraffic& traffic) {
  return std::make_unique<SessionStream>(random, traffic);
}

std::unique_ptr<Stream> level_stream(Random random, const LevelTraffic& traffic) {
  return std::make_unique<LevelStream>(random, traffic);
}

}  // namespace costdrift::bench
