package pallas.interop;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/**
 * Serves Lambda functions written in Java on 127.0.0.1 by Lambda's Invoke call, unsigned requests included, as a test needs it:
 *
 * <pre>LambdaHost PORT NAME=CLASS...</pre>
 *
 * PORT 0 takes a free one. Once it listens, it prints the port on a line of its own. Handlers take their settings from the
 * environment, as in Lambda, so a process serves functions of one set of settings. It ends with its standard input.
 */
public final class LambdaHost {
  private static final String PATH = "/2015-03-31/functions/";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, RequestStreamHandler> functions = new LinkedHashMap<>();
  private final Map<String, Long> invocations = new ConcurrentHashMap<>();

  public static void main(String[] arguments) throws Exception {
    LambdaHost host = new LambdaHost();
    for (int i = 1; i < arguments.length; ++i) {
      String[] parts = arguments[i].split("=", 2);
      host.functions.put(parts[0], (RequestStreamHandler) Class.forName(parts[1]).getDeclaredConstructor().newInstance());
    }
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), Integer.parseInt(arguments[0])), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(PATH, host::invoke);
    server.createContext("/invocations", host::count);
    server.start();
    System.out.println(server.getAddress().getPort());
    System.out.flush();
    while (System.in.read() >= 0) {
      // Only its end is of interest.
    }
    System.exit(0);
  }

  private void count(HttpExchange exchange) throws IOException {
    answer(exchange, 200, JSON.writeValueAsBytes(invocations));
  }

  private void invoke(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String name = path.substring(PATH.length()).replaceFirst("/invocations$", "").replaceFirst("^arn:.*:function:", "");
    RequestStreamHandler handler = functions.get(name);
    if (handler == null) {
      exchange.getResponseHeaders().set("x-amzn-ErrorType", "ResourceNotFoundException");
      answer(exchange, 404, JSON.writeValueAsBytes(Map.of("Type", "User", "Message", "Function not found: " + name)));
      return;
    }
    invocations.merge(name, 1L, Long::sum);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try {
      handler.handleRequest(exchange.getRequestBody(), output, new InvocationContext(name));
    } catch (Throwable error) {
      exchange.getResponseHeaders().set("X-Amz-Function-Error", "Unhandled");
      answer(exchange, 200, JSON.writeValueAsBytes(envelope(error)));
      return;
    }
    answer(exchange, 200, output.toByteArray());
  }

  /** What Lambda's Java runtime makes of an exception. */
  private static ObjectNode envelope(Throwable error) {
    ObjectNode result = JSON.createObjectNode();
    result.put("errorMessage", error.getMessage() == null ? error.getClass().getName() : error.getMessage());
    result.put("errorType", error.getClass().getName());
    ArrayNode frames = result.putArray("stackTrace");
    for (StackTraceElement frame : error.getStackTrace()) {
      frames.add(frame.toString());
    }
    return result;
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private record InvocationContext(String name) implements Context {
    @Override
    public String getAwsRequestId() {
      return UUID.randomUUID().toString();
    }

    @Override
    public String getLogGroupName() {
      return "/aws/lambda/" + name;
    }

    @Override
    public String getLogStreamName() {
      return "test";
    }

    @Override
    public String getFunctionName() {
      return name;
    }

    @Override
    public String getFunctionVersion() {
      return "$LATEST";
    }

    @Override
    public String getInvokedFunctionArn() {
      return "arn:aws:lambda:us-east-1:000000000000:function:" + name;
    }

    @Override
    public CognitoIdentity getIdentity() {
      return null;
    }

    @Override
    public ClientContext getClientContext() {
      return null;
    }

    @Override
    public int getRemainingTimeInMillis() {
      return 900_000;
    }

    @Override
    public int getMemoryLimitInMB() {
      return 1024;
    }

    @Override
    public LambdaLogger getLogger() {
      return new LambdaLogger() {
        @Override
        public void log(String message) {
          System.err.println(message);
        }

        @Override
        public void log(byte[] message) {
          System.err.println(new String(message, java.nio.charset.StandardCharsets.UTF_8));
        }
      };
    }
  }
}
