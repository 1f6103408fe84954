// Post: takes deliveries to their targets: a program, a webhook, a mail server. Never waits for
// one: what is under way goes on while the caller turns its loop, which waits in wait().
//
// The password and the token are read for each attempt from files that only this user may read, and
// go nowhere but to their server. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/config/alert_settings.hpp"
#include "notify/outbox.hpp"

namespace bullpen::notify {

struct PostSettings {
    config::HomeAlertSettings alerts;
    std::string home;     // for people
    std::string root;     // the home's directory, for a program
    std::string secrets;  // the directory with `smtp` and `webhook`
};

// How one attempt ended.
struct Outcome {
    std::uint64_t number = 0;
    bool delivered = false;
    std::string said;  // by the target, or why it could not be asked
    Outbox::Blame blame = Outbox::Blame::target;
};

// The target of alerts a program's file for its password or token is named after.
std::string secret_file(const std::string& secrets, Target target);

class Post {
  public:
    static constexpr std::size_t k_said_max = 300;  // bytes

    explicit Post(const Clock& clock);
    ~Post();
    Post(const Post&) = delete;
    Post& operator=(const Post&) = delete;

    // For attempts that begin from now on.
    void set(PostSettings settings);
    // At most one for each target at a time.
    void start(const Delivery& delivery);
    // Waits until an attempt has news, one of `others` is readable, or `most` has passed.
    void wait(const std::vector<int>& others, Nanos most);
    // What has ended since; works off what is under way.
    std::vector<Outcome> take();
    [[nodiscard]] bool idle() const;

  private:
    class Transfer;
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace bullpen::notify
