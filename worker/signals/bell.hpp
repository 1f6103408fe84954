// The bell of a ring: a socket over which the writer says that there is something new, so that a
// reader can wait for it with poll(), and over which a reader learns at once that the writer is
// gone. What is sent is a hint; the truth is in the ring. One thread on either side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"

namespace bullpen::signals {

class Bell {
  public:
    static constexpr std::size_t k_listeners_max = 4096;

    // Takes the place of a socket that a dead writer left: the caller holds the lock that says that
    // there is no living one. Only this user may connect.
    static Result<Bell> open(const std::string& path);
    Bell(Bell&&) noexcept = default;
    Bell& operator=(Bell&&) noexcept = default;

    // Readable when somebody wants to listen.
    [[nodiscard]] int fd() const { return socket_.get(); }
    void accept_all();
    // Whoever has not taken the last ring yet needs no other.
    void ring();
    [[nodiscard]] std::size_t listeners() const { return listeners_.size(); }

  private:
    explicit Bell(Descriptor socket) : socket_(std::move(socket)) {}
    Descriptor socket_;
    std::vector<Descriptor> listeners_;
};

class BellListener {
  public:
    // How often a connection is tried again.
    static constexpr Nanos k_retry = Millis(250);

    static Result<BellListener> make(std::string path);
    BellListener(BellListener&&) noexcept = default;
    BellListener& operator=(BellListener&&) noexcept = default;

    // Stays the same through all connections; readable when the writer rang or is gone.
    [[nodiscard]] int fd() const { return poller_.get(); }
    // Takes what there is, and connects when it is time. True when the connection is new.
    bool poll(MonoTime now);
    [[nodiscard]] bool connected() const { return socket_.valid(); }
    // When poll() is to be called without an event.
    [[nodiscard]] std::optional<MonoTime> next_due() const;

  private:
    BellListener(std::string path, Descriptor poller)
        : path_(std::move(path)), poller_(std::move(poller)) {}
    bool connect();

    std::string path_;
    Descriptor poller_;
    Descriptor socket_;
    MonoTime next_try_{};
};

}  // namespace bullpen::signals
