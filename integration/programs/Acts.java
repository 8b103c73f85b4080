import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

/** Acts ACT: does what the name says, and prints `done`. */
public final class Acts {
  private static void threads() throws InterruptedException {
    final Thread made = new Thread(() -> {});
    made.start();
    made.join();
  }

  private static void spawns() throws IOException, InterruptedException {
    if (new ProcessBuilder("/bin/true").inheritIO().start().waitFor() != 0) throw new IOException("status");
  }

  private static void sockets() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket served = server.accept()) {
      client.getOutputStream().write("hello".getBytes());
      if (served.getInputStream().readNBytes(5).length != 5) throw new IOException("content");
    }
  }

  private static void files() throws IOException {
    final Path moved = Path.of("/tmp/moved");
    Files.move(Files.writeString(Path.of("/tmp/made"), "hello\n"), moved);
    if (!Files.readString(moved).equals("hello\n")) throw new IOException("content");
    Files.delete(moved);
  }

  public static void main(final String[] arguments) throws Exception {
    System.out.println("hello");
    System.out.println("hello again");
    switch (arguments[0]) {
      case "hello" -> {}
      case "threads" -> threads();
      case "spawns" -> spawns();
      case "sockets" -> sockets();
      case "files" -> files();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    System.out.println("done");
  }
}
