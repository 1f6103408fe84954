// The worker's and bullpenctl's side: one connection to the daemon, made again by itself.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "ipc/socket.hpp"

namespace bullpen::ipc {

class Dealer : public Socket {
  public:
    // The next message, or nothing.
    std::optional<std::string> receive();
    // Errc::unavailable while there is no connection (nothing is kept for later: a beat of the past
    // helps nobody), or when the daemon does not read and the queue is full.
    virtual Result<void> send(std::string_view body);
    // Whether a message could be sent now. fd() becomes readable when this changes: say hello
    // whenever it turned true.
    [[nodiscard]] bool connected() const;

  protected:
    using Socket::Socket;
};

class ConnectionWatch;
struct KeyPair;

class LeaseDealer : public Dealer {
  public:
    // `endpoint` is what BULLPEN_ENDPOINT says; `routing_id` from ipc::routing_id(). Returns before
    // there is a connection, and whether or not there is a daemon.
    static Result<LeaseDealer> connect(Context& context, const std::string& endpoint,
                                       const std::string& routing_id);

  private:
    using Dealer::Dealer;
};

class ControlDealer : public Dealer {
  public:
    ControlDealer(ControlDealer&&) noexcept;
    ControlDealer& operator=(ControlDealer&&) noexcept;
    ~ControlDealer() override;

    // Waits for the connection, at most `wait`. Errc::unavailable at once when nothing listens.
    static Result<ControlDealer> connect(Context& context, const std::string& socket_path,
                                         Millis wait);
    // The same over TCP, to a home on another host that has this key. Errc::refused when `own` is
    // not among those that it lets in.
    static Result<ControlDealer> connect_far(Context& context, const std::string& endpoint,
                                             const KeyPair& own, const std::string& server_key,
                                             Millis wait);
    // With the home's cookie in front, where there is one. Errc::unavailable once it is lost().
    Result<void> send(std::string_view body) override;
    // Waits for a message, at most `wait`; nothing when the time passed or a signal came.
    std::optional<std::string> receive_within(Millis wait);
    // Whether the daemon that it was connected to has gone. Its last words can still be received.
    [[nodiscard]] bool lost() const;

  private:
    ControlDealer(std::unique_ptr<Impl> impl, std::unique_ptr<ConnectionWatch> watch);
    std::unique_ptr<ConnectionWatch> watch_;
    std::string cookie_;
};

}  // namespace bullpen::ipc
