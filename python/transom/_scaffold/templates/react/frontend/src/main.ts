// The main window.
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { MainWindow } from "./MainWindow";
import "./style.css";

createRoot(document.querySelector("#app")!).render(createElement(MainWindow));
